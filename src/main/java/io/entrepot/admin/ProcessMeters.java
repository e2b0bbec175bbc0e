package io.entrepot.admin;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Properties;

/**
 * The metrics of the process: memory, threads and garbage collections of the JVM, processor, start
 * time and open files, and which build this is. In an application server they are those of the
 * whole server.
 */
public final class ProcessMeters implements AutoCloseable {
  private final JvmGcMetrics collections = new JvmGcMetrics();

  /** Registers the metrics. */
  public ProcessMeters(MeterRegistry meters) {
    new JvmMemoryMetrics().bindTo(meters);
    new JvmThreadMetrics().bindTo(meters);
    collections.bindTo(meters);
    new ProcessorMetrics().bindTo(meters);
    new UptimeMetrics().bindTo(meters);
    new FileDescriptorMetrics().bindTo(meters);
    Gauge.builder("entrepot.build.info", () -> 1)
        .description("1; the tags tell which build this is, and which Java runs it")
        .tag("version", version())
        .tag("java", Runtime.version().toString())
        .register(meters);
  }

  /** The version of this build. */
  public static String version() {
    Properties build = new Properties();
    try (InputStream in = ProcessMeters.class.getResourceAsStream("build.properties")) {
      build.load(Objects.requireNonNull(in));
    } catch (IOException e) {
      throw new UncheckedIOException("build.properties", e);
    }
    return build.getProperty("version");
  }

  /** Stops listening to the garbage collectors, which live longer than a deployment. */
  @Override
  public void close() {
    collections.close();
  }
}
