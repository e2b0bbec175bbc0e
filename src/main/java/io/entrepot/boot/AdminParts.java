package io.entrepot.boot;

import io.entrepot.access.Audit;
import io.entrepot.admin.ActivityResource;
import io.entrepot.admin.AdminApplication;
import io.entrepot.admin.BlobsResource;
import io.entrepot.admin.ClusterResource;
import io.entrepot.admin.ClusterStatistics;
import io.entrepot.admin.ConfigResource;
import io.entrepot.admin.EntrepotMXBean;
import io.entrepot.admin.ExplainResource;
import io.entrepot.admin.FillsResource;
import io.entrepot.admin.Health;
import io.entrepot.admin.HealthResource;
import io.entrepot.admin.ManagedCache;
import io.entrepot.admin.MissingResource;
import io.entrepot.admin.OpenApiResource;
import io.entrepot.admin.Operations;
import io.entrepot.admin.PinList;
import io.entrepot.admin.PinsResource;
import io.entrepot.admin.PrefetchList;
import io.entrepot.admin.PrefetchResource;
import io.entrepot.admin.Purges;
import io.entrepot.admin.Repositories;
import io.entrepot.admin.RepositoriesResource;
import io.entrepot.admin.Statistics;
import io.entrepot.admin.StatsResource;
import io.entrepot.admin.TagsResource;
import io.entrepot.admin.WorkResource;
import io.entrepot.cache.Missing;
import io.entrepot.cache.blobs.InFlightBlobs;
import io.entrepot.cache.explain.Explanations;
import io.entrepot.cache.prefetch.Prefetches;
import io.entrepot.config.Settings;
import io.entrepot.routing.Sources;
import java.time.Clock;
import java.util.List;
import java.util.function.BiConsumer;

/** Makes what people see and steer a cache by: the administrative API and the JMX bean. */
final class AdminParts {
  private final Settings settings;
  private final Sources sources;
  private final LocalStorage storage;
  private final Entrepot.Caches caches;
  private final Facts facts;
  private final Clock clock;
  private final Operations operations;

  /**
   * What is known about a running cache.
   *
   * @param missing what clients have asked for in vain
   * @param fills the blobs that are being fetched
   */
  record Facts(
      Statistics statistics,
      ClusterStatistics cluster,
      Health health,
      Missing missing,
      InFlightBlobs fills,
      Prefetches prefetches,
      Audit audit) {}

  /**
   * What the whole cache does. Each returns at once.
   *
   * @param shut makes the cache refuse new requests
   * @param taken tells the other nodes that an upstream was taken out, or back in
   */
  record Steering(Runnable shut, BiConsumer<String, Boolean> taken) {}

  /**
   * Wires the collaborators.
   *
   * @param steering what the whole cache, and the other nodes, do when a person wishes it
   */
  AdminParts(
      Settings settings,
      Sources sources,
      LocalStorage storage,
      Entrepot.Caches caches,
      Facts facts,
      Steering steering,
      Clock clock) {
    this.settings = settings;
    this.sources = sources;
    this.storage = storage;
    this.caches = caches;
    this.facts = facts;
    this.clock = clock;
    Purges purges =
        new Purges(
            sources,
            storage.catalog(),
            storage.evictor(),
            storage.retention(),
            caches.referrers(),
            new Purges.Busy(facts.fills(), storage::isRead));
    operations =
        new Operations(
            sources,
            storage.catalog(),
            storage.evictor(),
            purges,
            new PinList(storage.pins()),
            new Operations.Work(
                storage::verifyAll,
                steering.shut(),
                new PrefetchList(sources, facts.prefetches()),
                steering.taken()),
            facts.audit());
  }

  /** Makes the administrative API. */
  AdminApplication application() {
    Explanations explanations =
        new Explanations(sources, storage.content(), caches.manifests(), storage.pins(), clock);
    Repositories repositories =
        new Repositories(sources, storage.catalog(), explanations, storage.retention());
    return new AdminApplication(
        List.of(
            new HealthResource(facts.health()),
            new StatsResource(facts.statistics()),
            new MissingResource(facts.missing()),
            new TagsResource(facts.statistics()),
            new ExplainResource(explanations),
            new ActivityResource(facts.audit()),
            new RepositoriesResource(repositories, operations),
            new BlobsResource(operations),
            new PinsResource(operations),
            new WorkResource(operations),
            new PrefetchResource(operations),
            new FillsResource(facts.statistics()),
            new ClusterResource(facts.cluster()),
            new OpenApiResource(),
            new ConfigResource(
                settings.remarks().chosen().stream()
                    .map(it -> new ConfigResource.Setting(it.key(), it.value(), it.source()))
                    .toList())));
  }

  /** Makes the JMX bean. */
  EntrepotMXBean bean() {
    return new ManagedCache(facts.statistics(), facts.cluster(), facts.health(), operations, clock);
  }
}
