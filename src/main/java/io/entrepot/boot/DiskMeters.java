package io.entrepot.boot;

import io.entrepot.expiry.DiskUsage;
import io.entrepot.routing.ProxiedUpstream;
import io.entrepot.spool.Rooms;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** The metrics of how full the disk is. */
final class DiskMeters {
  private final Supplier<DiskUsage> usage;
  private final MeterRegistry meters;

  private DiskMeters(Supplier<DiskUsage> usage, MeterRegistry meters) {
    this.usage = usage;
    this.meters = meters;
  }

  static void register(Supplier<DiskUsage> usage, MeterRegistry meters) {
    DiskMeters disk = new DiskMeters(usage, meters);
    disk.bytes("quota", "Bytes that may be taken, 0 for no limit", DiskUsage::quota);
    disk.bytes("stored", "Bytes that files take, if there is a quota", DiskUsage::stored);
    disk.bytes("promised", "Bytes that running fills may still write", DiskUsage::promised);
    disk.bytes(
        "waiting", "Stored bytes that have lost their links to make room", DiskUsage::waiting);
    disk.count("images", "Images that were removed to make room", DiskUsage::imagesRemoved);
    disk.count("bytes", "Bytes that came back by that", DiskUsage::bytesRemoved);
    disk.count("refused", "Content that was not kept for want of room", DiskUsage::refused);
  }

  /** Registers the metrics of an upstream that has a quota. */
  static void register(ProxiedUpstream upstream, Rooms rooms, MeterRegistry meters) {
    rooms
        .of(upstream.name())
        .ifPresent(
            space -> {
              String tag = upstream.meterName();
              Gauge.builder("entrepot.upstream.quota", () -> space.quota().bytes())
                  .description("Bytes that the content of the upstream may take, if it has a quota")
                  .baseUnit("bytes")
                  .tag("upstream", tag)
                  .register(meters);
              Gauge.builder("entrepot.upstream.taken", () -> space.stored() + space.promised())
                  .description("Bytes of that quota which content and running fills take")
                  .baseUnit("bytes")
                  .tag("upstream", tag)
                  .register(meters);
            });
  }

  private void bytes(String name, String description, ToDoubleFunction<DiskUsage> value) {
    Gauge.builder("entrepot.disk." + name, () -> value.applyAsDouble(usage.get()))
        .description(description)
        .baseUnit("bytes")
        .register(meters);
  }

  private void count(String name, String description, ToDoubleFunction<DiskUsage> value) {
    FunctionCounter.builder("entrepot.room." + name, usage, u -> value.applyAsDouble(u.get()))
        .description(description)
        .register(meters);
  }
}
