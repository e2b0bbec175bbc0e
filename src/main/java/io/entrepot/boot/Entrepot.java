package io.entrepot.boot;

import io.entrepot.access.Audit;
import io.entrepot.admin.ClusterMeters;
import io.entrepot.admin.ClusterStatistics;
import io.entrepot.admin.Events;
import io.entrepot.admin.Health;
import io.entrepot.admin.MetricsServlet;
import io.entrepot.admin.ProcessMeters;
import io.entrepot.admin.Statistics;
import io.entrepot.admin.StoredMeters;
import io.entrepot.cache.CacheMeters;
import io.entrepot.cache.Lookups;
import io.entrepot.cache.Missing;
import io.entrepot.cache.Questions;
import io.entrepot.cache.blobs.Ahead;
import io.entrepot.cache.blobs.BlobCache;
import io.entrepot.cache.blobs.BlobProviders;
import io.entrepot.cache.blobs.Fills;
import io.entrepot.cache.blobs.InFlightBlobs;
import io.entrepot.cache.blobs.LinkProof;
import io.entrepot.cache.blobs.Pause;
import io.entrepot.cache.blobs.SharedFills;
import io.entrepot.cache.tags.ListCache;
import io.entrepot.cache.tags.ManifestCache;
import io.entrepot.cache.tags.ReferrersCache;
import io.entrepot.config.Settings;
import io.entrepot.http.AccessControl;
import io.entrepot.http.Exchanges;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.memory.Share;
import io.entrepot.oci.Via;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running cache, wired by hand. This class makes all components from the settings. A component is
 * made after those that it needs. They are closed in the opposite order.
 */
final class Entrepot implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Entrepot.class);

  /**
   * How often the times of the last uses are written to the database; a crash loses at most these
   * seconds of them. Equally often an upstream that did not answer is tried again.
   */
  private static final int HOUSEKEEPING_SECONDS = 30;

  /**
   * When an upstream that did not answer the first request is tried again. A server begins to
   * listen after the deployment; only then an upstream that leads back to it can be told.
   */
  private static final int SECOND_TRY_SECONDS = 3;

  private final Closing closing = new Closing();
  private final Settings settings;
  private final Clock clock;

  /** The name of this cache in its upstream requests, by which it knows them again. */
  private final String name = Via.newName(new SecureRandom());

  private final MemoryBudget memory = MemoryBudget.ofHeap();
  private final PrometheusMeterRegistry meters;
  private final Threads threads;
  private final OpenUpstreams upstreams;
  private final InFlightBlobs inFlight = new InFlightBlobs(memory.allowance(Share.FILLS));
  private final LocalStorage storage;
  private final Lookups lookups;
  private final Audit audit;
  private final Statistics statistics;
  private final ClusterStatistics cluster;
  private final Optional<SharedRests> rests;
  private final Events events;
  private final OidcParts oidc;
  private final Optional<AccessControl> control;
  private final Caches caches;
  private final PrefetchParts prefetches;
  private final Missing missing;
  private final Exchanges exchanges;
  private final EdgeParts edge;
  private final AdminParts admin;

  /** The caches, one for each kind of content. */
  record Caches(
      BlobCache blobs,
      ManifestCache manifests,
      ListCache lists,
      ReferrersCache referrers,
      Ahead ahead,
      SharedFills shared) {}

  /**
   * Opens the store and the database and makes all components.
   *
   * @param settings the settings
   * @param again reads the settings again, to find changed credentials
   * @param naming finds resources of the server: the database, the thread factory
   * @param clock the current time
   * @throws StartException if a component that the cache needs cannot be opened
   */
  Entrepot(Settings settings, Supplier<Settings> again, Naming naming, Clock clock) {
    this.settings = settings;
    this.clock = clock;
    exchanges = new Exchanges(settings.http().drainTimeout());
    missing = new Missing(memory, clock);
    try {
      meters =
          closing.add(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), MeterRegistry::close);
      closing.add(new ProcessMeters(meters));
      ThreadFactory factory = ServerResources.threadFactory(settings, naming);
      int questions = settings.proxy().wire().maxConnections() - settings.maxFills();
      int count = settings.upstreams().all().size();
      threads = closing.add(new Threads(factory, settings.maxFills(), questions, count));
      lookups = new Lookups(threads.lookups());
      UpstreamCredentials credentials = new UpstreamCredentials(again, clock);
      upstreams =
          closing.add(
              new OpenUpstreams(
                  settings, credentials, Via.NONE.with(name), memory, clock, meters, threads));
      storage =
          closing.add(
              new LocalStorage(
                  settings,
                  new OpenStorage.Given(naming, factory, threads, memory),
                  upstreams.sources(),
                  inFlight,
                  meters,
                  clock));
      closing.add(this::endWork);
      audit = new Audit(clock);
      statistics = statistics();
      cluster = storage.open().cluster(clock);
      rests = storage.restTogether(upstreams);
      events = new Events(upstreams.sources(), statistics, audit, storage.content().tags().moved());
      oidc = closing.add(new OidcParts(settings, memory, threads, clock));
      control =
          new AccessParts(settings, upstreams.sources(), memory, audit, clock)
              .control(storage.open().keyring(), threads, closing, oidc);
      caches = caches();
      prefetches =
          closing.add(
              new PrefetchParts(settings, upstreams.sources(), storage, caches, threads, clock),
              PrefetchParts::stop);
      edge =
          new EdgeParts(
              settings,
              upstreams.sources(),
              caches,
              new EdgeParts.Given(
                  name,
                  missing,
                  exchanges,
                  control,
                  audit,
                  events,
                  storage.open().node().map(ClusterNode::check)),
              threads,
              meters,
              clock);
      admin =
          new AdminParts(
              settings,
              upstreams.sources(),
              storage,
              caches,
              new AdminParts.Facts(
                  statistics, cluster, health(), missing, inFlight, prefetches.jobs(), audit),
              new AdminParts.Steering(
                  this::shut, (name, out) -> rests.ifPresent(all -> all.taken(name, out))),
              clock);
    } catch (RuntimeException e) {
      closing.close();
      throw e;
    }
  }

  /**
   * Ends the work of all threads, before anything that they use is closed. What waits for an
   * upstream ends when that is closed.
   */
  private void endWork() {
    threads.stop();
    storage.roomParts().end();
    upstreams.close();
    storage.open().node().ifPresent(ClusterNode::unfollow);
    threads.close();
  }

  private Caches caches() {
    Questions questions = new Questions(threads.timer(), threads.lookups(), memory, clock);
    CacheMeters numbers = new CacheMeters(meters);
    Fills fills =
        new Fills(
            storage.open().spool(),
            inFlight,
            new BlobProviders(storage.content(), storage.open().node().map(ClusterNode::fills)),
            Pause.growing(),
            numbers,
            clock,
            System::nanoTime);
    LinkProof proof =
        new LinkProof(storage.content(), questions, new SecureRandom(), numbers, System::nanoTime);
    return new Caches(
        new BlobCache(storage.content(), inFlight, fills, questions, proof, lookups, clock),
        new ManifestCache(storage.content(), questions, lookups, numbers, memory, clock),
        new ListCache(storage.content(), upstreams.sources(), questions, lookups, memory, clock),
        new ReferrersCache(questions, memory, clock),
        new Ahead(storage.content(), fills, lookups, memory, clock),
        new SharedFills(storage.content(), inFlight, lookups, clock));
  }

  private Health health() {
    List<Health.Check> checks = new ArrayList<>();
    checks.add(new Health.Check("service", true, exchanges::trouble));
    checks.add(new Health.Check("storage", false, storage.open()::trouble));
    checks.add(new Health.Check("database", true, storage.open()::databaseTrouble));
    checks.add(new Health.Check("database", false, storage.open()::databaseReadOnly));
    checks.addAll(upstreams.checks());
    return new Health(checks);
  }

  private Statistics statistics() {
    return new Statistics(
        upstreams.sources(),
        new Statistics.Local(
            storage.catalog(),
            storage.leases(),
            storage.scrub(),
            inFlight,
            memory,
            storage.roomParts()::usage),
        meters,
        clock);
  }

  /** Starts all periodic and background work: expiry, the connection to the upstreams, repairs. */
  void start() {
    storage.start();
    threads.start();
    upstreams.warmUp();
    oidc.start();
    prefetches.start();
    var unusedSecondTry =
        threads.timer().schedule(upstreams::warmUpAgain, SECOND_TRY_SECONDS, TimeUnit.SECONDS);
    var unused =
        threads
            .timer()
            .scheduleWithFixedDelay(
                this::housekeep, HOUSEKEEPING_SECONDS, HOUSEKEEPING_SECONDS, TimeUnit.SECONDS);
    var unusedLook = threads.timer().scheduleWithFixedDelay(events::look, 1, 1, TimeUnit.SECONDS);
    Gauge.builder("entrepot.fills.in.flight", inFlight, InFlightBlobs::size)
        .description("Blobs that are being fetched or wait to be fetched")
        .register(meters);
    Gauge.builder("entrepot.requests.in.flight", exchanges, Exchanges::count)
        .description("Unfinished requests, without those whose file the server sends by itself")
        .register(meters);
  }

  /** Runs a short task in the background. */
  void inBackground(Runnable task) {
    threads.questions().execute(task);
  }

  private void housekeep() {
    try {
      upstreams.warmUpAgain();
      storage.catalog().flush();
      storage.look();
    } catch (RuntimeException e) {
      log.warn(
          "The times of the last uses could not be written; the next attempt writes them too", e);
    }
  }

  /** The groups for which the realm of the server is asked; empty if it is not asked at all. */
  Optional<Set<String>> realmGroups() {
    return settings
        .protection()
        .filter(protection -> protection.passwords().container())
        .flatMap(protection -> control)
        .map(access -> access.rules().groups());
  }

  /** Which names of the default upstream are hidden, and how clients still reach them. */
  Optional<String> hiddenNames() {
    return upstreams.sources().hidden();
  }

  /** What clients meet: the servlets of the registry API, and what admits requests. */
  EdgeParts edge() {
    return edge;
  }

  /** What people see and steer this cache by. */
  AdminParts admin() {
    return admin;
  }

  /** What is fetched before somebody asks for it. */
  PrefetchParts prefetches() {
    return prefetches;
  }

  MetricsServlet metrics() {
    StoredMeters stored = new StoredMeters(storage.catalog(), threads.lookups());
    stored.register(meters, upstreams.sources(), settings.storage().rootDirectory());
    ClusterMeters shared = new ClusterMeters(cluster, threads.lookups());
    shared.register(meters);
    return new MetricsServlet(
        meters,
        () -> {
          stored.countAgain();
          shared.countAgain();
        });
  }

  /** Refuses new requests from now on, and starts the time limit of unfinished ones. */
  void shut() {
    events.close();
    exchanges.shut();
  }

  /**
   * Refuses new requests and waits for unfinished ones. Returns when all have ended or were cut
   * off. That takes at most about {@code http.draintimeout}, counted from the first call of this
   * method or of {@link #shut}.
   */
  void drain() {
    events.close();
    exchanges.drain();
  }

  /** Stops all components. Unfinished requests fail, so call {@link #drain} before. */
  @Override
  public void close() {
    closing.close();
  }
}
