package io.entrepot.boot;

import io.entrepot.access.Authenticator;
import io.entrepot.admin.AdminApplication;
import io.entrepot.admin.EntrepotMXBean;
import io.entrepot.admin.ExplainResource;
import io.entrepot.admin.Health;
import io.entrepot.admin.HealthResource;
import io.entrepot.admin.ManagedCache;
import io.entrepot.admin.MetricsServlet;
import io.entrepot.admin.MissingResource;
import io.entrepot.admin.Operations;
import io.entrepot.admin.Statistics;
import io.entrepot.admin.StatsResource;
import io.entrepot.admin.TagsResource;
import io.entrepot.cache.CacheMeters;
import io.entrepot.cache.Lookups;
import io.entrepot.cache.Missing;
import io.entrepot.cache.Questions;
import io.entrepot.cache.blobs.BlobCache;
import io.entrepot.cache.blobs.Fills;
import io.entrepot.cache.blobs.InFlightBlobs;
import io.entrepot.cache.blobs.Pause;
import io.entrepot.cache.explain.Explanations;
import io.entrepot.cache.tags.ListCache;
import io.entrepot.cache.tags.ManifestCache;
import io.entrepot.cache.tags.ReferrersCache;
import io.entrepot.config.Settings;
import io.entrepot.http.AsyncAnswers;
import io.entrepot.http.BlobResponder;
import io.entrepot.http.Chunks;
import io.entrepot.http.ClientAccess;
import io.entrepot.http.ClientLimit;
import io.entrepot.http.ErrorResponder;
import io.entrepot.http.ExchangeLog;
import io.entrepot.http.Exchanges;
import io.entrepot.http.Forwarding;
import io.entrepot.http.ListResponder;
import io.entrepot.http.ManifestResponder;
import io.entrepot.http.RegistryServlet;
import io.entrepot.http.Stragglers;
import io.entrepot.routing.Sources;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.InetAddress;
import java.net.URI;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running cache, wired by hand: everything is made here, from values, in the order in which it
 * depends on what came before, and closed in the opposite order.
 */
final class Entrepot implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Entrepot.class);

  /**
   * How often the last uses are written, of which a crash may lose as much, and an upstream that
   * did not answer at the start is tried again.
   */
  private static final int HOUSEKEEPING_SECONDS = 30;

  private static final int CHECKS_WITHIN_PATIENCE = 4;

  private final Closing closing = new Closing();
  private final Settings settings;
  private final Clock clock;
  private final PrometheusMeterRegistry meters;
  private final Threads threads;
  private final OpenUpstreams upstreams;
  private final InFlightBlobs inFlight = new InFlightBlobs();
  private final LocalStorage storage;
  private final Lookups lookups;
  private final Caches caches;
  private final Missing missing;
  private final Exchanges exchanges;
  private final Health health;
  private final Statistics statistics;

  /** The ways to get content, by kind. */
  private record Caches(
      BlobCache blobs, ManifestCache manifests, ListCache lists, ReferrersCache referrers) {}

  /**
   * Opens the store and the database and makes everything else.
   *
   * @param again reads the settings anew while it runs
   * @param naming gives what may be the server's: the database, threads
   * @throws StartException when something that nothing works without cannot be had
   */
  Entrepot(Settings settings, Supplier<Settings> again, Naming naming, Clock clock) {
    this.settings = settings;
    this.clock = clock;
    exchanges = new Exchanges(settings.http().drainTimeout());
    missing = new Missing(clock);
    try {
      meters =
          closing.add(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), MeterRegistry::close);
      ThreadFactory factory = ServerResources.threadFactory(settings, naming);
      int questions = settings.proxy().maxConnections() - settings.maxFills();
      threads = closing.add(new Threads(factory, settings.maxFills(), questions));
      lookups = new Lookups(threads.lookups());
      UpstreamCredentials credentials = new UpstreamCredentials(again, clock);
      upstreams = closing.add(new OpenUpstreams(settings, credentials, clock, meters, threads));
      storage =
          closing.add(
              new LocalStorage(
                  settings,
                  new LocalStorage.Given(naming, factory, threads),
                  upstreams.sources(),
                  inFlight,
                  meters,
                  clock));
      caches = caches();
      health = health();
      statistics = statistics();
    } catch (RuntimeException e) {
      closing.close();
      throw e;
    }
  }

  private Caches caches() {
    Questions questions = new Questions(threads.timer(), threads.lookups(), clock);
    CacheMeters numbers = new CacheMeters(meters);
    Fills fills = new Fills(storage.spool(), storage.content(), Pause.growing(), numbers, clock);
    return new Caches(
        new BlobCache(storage.content(), inFlight, fills, questions, lookups, clock),
        new ManifestCache(storage.content(), questions, lookups, numbers, clock),
        new ListCache(storage.content(), questions, lookups),
        new ReferrersCache(questions, clock));
  }

  private Health health() {
    List<Health.Check> checks = new ArrayList<>();
    checks.add(new Health.Check("service", true, exchanges::trouble));
    checks.add(new Health.Check("storage", false, storage.spool()::trouble));
    checks.add(new Health.Check("database", true, this::databaseTrouble));
    checks.addAll(upstreams.checks());
    return new Health(checks);
  }

  private Optional<String> databaseTrouble() {
    storage.catalog().findSetting("health");
    return Optional.empty();
  }

  private Statistics statistics() {
    return new Statistics(
        upstreams.sources(),
        new Statistics.Local(storage.catalog(), storage.leases(), storage.scrub(), inFlight::size),
        meters,
        clock);
  }

  /** Sets to work what works by itself: expiry, the warm-up, and what a crash left to mend. */
  void start() {
    storage.start();
    upstreams.warmUp();
    var unused =
        threads
            .timer()
            .scheduleWithFixedDelay(
                this::housekeep, HOUSEKEEPING_SECONDS, HOUSEKEEPING_SECONDS, TimeUnit.SECONDS);
    Gauge.builder("entrepot.fills.in.flight", inFlight, InFlightBlobs::size)
        .description("Blobs under way, those that wait for their turn included")
        .register(meters);
    Gauge.builder("entrepot.requests.in.flight", exchanges, Exchanges::count)
        .description("Requests under way, files that the server sends on its own not counted")
        .register(meters);
  }

  /** Runs something short that nobody waits for. */
  void inBackground(Runnable task) {
    threads.questions().execute(task);
  }

  private void housekeep() {
    try {
      upstreams.warmUpAgain();
      storage.catalog().flush();
    } catch (RuntimeException e) {
      log.warn("The last uses could not be written; the next try takes them along", e);
    }
  }

  /** The registry API. */
  RegistryServlet registry() {
    Settings.Clients clients = settings.http().clients();
    ErrorResponder errors = new ErrorResponder(missing);
    Chunks chunks = new Chunks(Runtime.getRuntime().maxMemory());
    AsyncAnswers answers = new AsyncAnswers(errors, threads.pumps(), chunks, stragglers(clients));
    String host = settings.http().host().map(URI::toString).orElse("");
    return new RegistryServlet(
        upstreams.sources(),
        new ClientAccess(
            new Forwarding(this::isTrustedProxy),
            Authenticator.anonymous(),
            new ClientLimit(clients.maxRequests())),
        new RegistryServlet.Responders(
            new BlobResponder(caches.blobs(), answers, clock),
            new ManifestResponder(caches.manifests(), answers, clock),
            new ListResponder(caches.lists(), caches.referrers(), missing, host, answers, clock),
            errors),
        new ExchangeLog(meters),
        exchanges);
  }

  private Stragglers stragglers(Settings.Clients clients) {
    Stragglers watch = new Stragglers(clients.minRate(), clients.patience(), System::nanoTime);
    long period = clients.patience().dividedBy(CHECKS_WITHIN_PATIENCE).toMillis();
    var unused =
        threads.timer().scheduleWithFixedDelay(watch::check, period, period, TimeUnit.MILLISECONDS);
    return watch;
  }

  private boolean isTrustedProxy(InetAddress address) {
    return settings.http().trustedProxies().stream().anyMatch(range -> range.contains(address));
  }

  /** The administrative API. */
  AdminApplication admin() {
    Explanations explanations =
        new Explanations(
            upstreams.sources(),
            storage.content(),
            caches.manifests(),
            settings.expiry().pins(),
            storage.leases(),
            clock);
    return new AdminApplication(
        new HealthResource(health),
        new StatsResource(statistics),
        new MissingResource(missing),
        new TagsResource(statistics),
        new ExplainResource(explanations));
  }

  /**
   * What JMX shows.
   *
   * @param drain begins to take no more requests
   */
  EntrepotMXBean managed(Runnable drain) {
    Sources sources = upstreams.sources();
    Operations operations = new Operations(sources, storage.catalog(), storage.evictor(), drain);
    return new ManagedCache(statistics, health, operations, clock);
  }

  MetricsServlet metrics() {
    return new MetricsServlet(meters);
  }

  /** Takes no more requests; the time of those under way begins to run. */
  void shut() {
    exchanges.shut();
  }

  /**
   * Takes no more requests and returns when those under way have ended or have been cut off, at
   * most {@code http.draintimeout} after the first call, or {@link #shut}, and a moment.
   */
  void drain() {
    exchanges.drain();
  }

  /** Stops everything; what is under way breaks off, so {@link #drain} comes first. */
  @Override
  public void close() {
    closing.close();
  }
}
