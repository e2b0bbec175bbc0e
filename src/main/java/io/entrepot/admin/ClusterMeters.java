package io.entrepot.admin;

import io.entrepot.admin.ClusterStatistics.BucketState;
import io.entrepot.admin.ClusterStatistics.ClusterState;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.Executor;
import java.util.function.ToDoubleFunction;

/**
 * The metrics of a cluster and of a bucket, as the scrape before has found them. Without both there
 * are none. Thread-safe.
 */
public final class ClusterMeters {
  private static final double MILLIS = 1000;

  private final ClusterStatistics statistics;
  private final BackgroundCount<ClusterState> state;

  /** Looks at nothing yet. */
  public ClusterMeters(ClusterStatistics statistics, Executor background) {
    this.statistics = statistics;
    this.state = new BackgroundCount<>(statistics::state, background);
  }

  /** Registers the metrics of what there is. */
  public void register(MeterRegistry meters) {
    if (statistics.hasNodes()) {
      registerNodes(meters);
    }
    if (statistics.hasBucket()) {
      registerBucket(meters);
    }
  }

  private void registerNodes(MeterRegistry meters) {
    gauge("nodes", "Nodes that were seen within ten seconds", ClusterMeters::up).register(meters);
    gauge(
            "nodes.down",
            "Nodes that were seen within an hour, but not within ten seconds",
            ClusterMeters::down)
        .register(meters);
    Gauge.builder("entrepot.cluster.changes.lag", this::lag)
        .description("How old the last look at what other nodes have changed is")
        .baseUnit("seconds")
        .register(meters);
    FunctionCounter.builder("entrepot.cluster.received", statistics, ClusterStatistics::received)
        .description("Bytes of blobs that came from other nodes")
        .baseUnit("bytes")
        .register(meters);
  }

  private void registerBucket(MeterRegistry meters) {
    gauge(
            "bucket.waiting",
            "Blobs of all nodes that are not in the bucket yet",
            of(BucketState::waiting))
        .register(meters);
    gauge(
            "bucket.waiting.bytes",
            "Bytes of blobs of all nodes that are not in the bucket yet",
            of(BucketState::waitingBytes))
        .baseUnit("bytes")
        .register(meters);
    gauge(
            "bucket.waiting.oldest",
            "How long the first of these blobs waits",
            of(BucketState::oldestSeconds))
        .baseUnit("seconds")
        .register(meters);
    gauge(
            "bucket.failing",
            "Whether the last request to the bucket failed: 1 if so",
            of(b -> b.trouble() == null ? 0 : 1))
        .register(meters);
  }

  private Gauge.Builder<?> gauge(
      String name, String description, ToDoubleFunction<ClusterState> value) {
    return Gauge.builder("entrepot.cluster." + name, () -> known(value)).description(description);
  }

  private static ToDoubleFunction<ClusterState> of(ToDoubleFunction<BucketState> value) {
    return state -> state.bucket() == null ? Double.NaN : value.applyAsDouble(state.bucket());
  }

  private double known(ToDoubleFunction<ClusterState> value) {
    ClusterState last = state.last();
    return last == null ? Double.NaN : value.applyAsDouble(last);
  }

  private static double up(ClusterState state) {
    return state.nodes().stream().filter(node -> node.life().up()).count();
  }

  private static double down(ClusterState state) {
    return state.nodes().stream().filter(node -> node.life().isMissed()).count();
  }

  private double lag() {
    return statistics.lag().map(lag -> lag.toMillis() / MILLIS).orElse(Double.NaN);
  }

  /** Starts a look in the background, if none is under way. */
  public void countAgain() {
    if (statistics.hasNodes() || statistics.hasBucket()) {
      state.again();
    }
  }
}
