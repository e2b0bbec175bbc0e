package io.entrepot.boot;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.cache.prefetch.PlannedPrefetches;
import io.entrepot.cache.prefetch.PrefetchPlan;
import io.entrepot.cache.prefetch.Prefetches;
import io.entrepot.config.Settings;
import io.entrepot.oci.Digest;
import io.entrepot.routing.Sources;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes what fetches images before somebody asks for them: at once, and at certain times. */
final class PrefetchParts {
  private static final Logger log = LoggerFactory.getLogger(PrefetchParts.class);

  private final List<PrefetchPlan> plans;
  private final Sources sources;
  private final LocalStorage storage;
  private final Executor executor;
  private final Prefetches jobs;
  private final PlannedPrefetches planned;

  /** Wires the collaborators. */
  PrefetchParts(
      Settings settings,
      Sources sources,
      LocalStorage storage,
      Entrepot.Caches caches,
      Threads threads,
      Clock clock) {
    this.plans = settings.upstreams().prefetches();
    this.sources = sources;
    this.storage = storage;
    this.executor = threads.prefetches();
    this.jobs =
        new Prefetches(
            new Prefetches.Caches(
                storage.content(), caches.manifests(), caches.blobs(), caches.referrers()),
            storage.catalog().prefetches(),
            settings.cluster().map(Settings.Cluster::node).orElse(""),
            storage.rooms(),
            storage.open()::room,
            executor,
            clock);
    this.planned = new PlannedPrefetches(sources, storage.catalog(), caches.lists(), jobs);
  }

  /** The jobs. */
  Prefetches jobs() {
    return jobs;
  }

  /** Goes on with what was not over at the last stop, and begins to do what is planned. */
  void start() {
    executor.execute(this::resume);
    for (PrefetchPlan plan : plans) {
      String name =
          "prefetch " + Digest.ofBytes(Digest.Algorithm.SHA256, plan.text().getBytes(UTF_8));
      storage.leases().at(name, plan.next(), () -> run(plan));
    }
  }

  /** Does all plans now, in the background. */
  void runAll() {
    plans.forEach(this::run);
  }

  private void run(PrefetchPlan plan) {
    executor.execute(() -> planned.run(plan));
  }

  private void resume() {
    try {
      jobs.resume(sources);
    } catch (RuntimeException e) {
      log.warn("The prefetches of the last run could not be read; the next start tries again", e);
    }
  }

  /** Keeps what is not over for the next start. */
  void stop() {
    jobs.stop();
  }
}
