package io.entrepot.boot;

import io.entrepot.admin.AdminApplication;
import io.entrepot.admin.EntrepotMXBean;
import io.entrepot.admin.ExplainResource;
import io.entrepot.admin.Health;
import io.entrepot.admin.HealthResource;
import io.entrepot.admin.ManagedCache;
import io.entrepot.admin.MetricsServlet;
import io.entrepot.admin.MissingResource;
import io.entrepot.admin.StatsResource;
import io.entrepot.admin.TagsResource;
import io.entrepot.cache.LocalContent;
import io.entrepot.cache.Missing;
import io.entrepot.cache.Scrub;
import io.entrepot.cache.UnindexedBlobs;
import io.entrepot.cache.blobs.InFlightBlobs;
import io.entrepot.catalog.Catalog;
import io.entrepot.config.Expire;
import io.entrepot.config.Settings;
import io.entrepot.expiry.Evictor;
import io.entrepot.expiry.ExpiryPolicies;
import io.entrepot.expiry.Leases;
import io.entrepot.expiry.Reconciler;
import io.entrepot.expiry.Retention;
import io.entrepot.expiry.quartz.QuartzLeases;
import io.entrepot.http.AsyncAnswers;
import io.entrepot.http.BlobResponder;
import io.entrepot.http.Chunks;
import io.entrepot.http.ClientLimit;
import io.entrepot.http.ErrorResponder;
import io.entrepot.http.ExchangeLog;
import io.entrepot.http.Exchanges;
import io.entrepot.http.Forwarding;
import io.entrepot.http.ListResponder;
import io.entrepot.http.ManifestResponder;
import io.entrepot.http.RegistryServlet;
import io.entrepot.http.Stragglers;
import io.entrepot.migration.Migration;
import io.entrepot.routing.ExpiryPolicy;
import io.entrepot.spool.DataFolder;
import io.entrepot.spool.Spool;
import io.entrepot.store.BlobStore;
import io.entrepot.threads.Pace;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running cache, wired by hand: everything is made here, from values, in the order in which it
 * depends on what came before, and closed in the opposite order.
 */
final class Entrepot implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Entrepot.class);

  /** How often last uses are written, of which a crash may lose as much, and a bad word retried. */
  private static final int HOUSEKEEPING_SECONDS = 30;

  /** How often is looked for what must be mended, swept or verified: none of it is urgent. */
  private static final Duration CHORE_INTERVAL = Duration.ofHours(1);

  private static final int CHECKS_WITHIN_PATIENCE = 4;

  private final Closing closing = new Closing();
  private final Settings settings;
  private final Policies policies;
  private final Clock clock;
  private final PrometheusMeterRegistry meters;
  private final Threads threads;
  private final Spool spool;
  private final BlobStore store;
  private final Catalog catalog;
  private final Leases leases;
  private final ExpiryPolicies expiry;
  private final Evictor evictor;
  private final UnindexedBlobs strays;
  private final LocalContent shelf;
  private final Scrub scrub;
  private final FrontDoors doors;
  private final InFlightBlobs inFlight = new InFlightBlobs();
  private final OpenUpstreams upstreams;
  private final Missing missing;
  private final ErrorResponder errors;
  private final Health health;
  private final StatsResource stats;
  private final Exchanges exchanges;

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
    this.exchanges = new Exchanges(settings.http().drainTimeout());
    missing = new Missing(clock);
    errors = new ErrorResponder(missing);
    try {
      meters =
          closing.add(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), MeterRegistry::close);
      ThreadFactory factory = ServerResources.threadFactory(settings, naming);
      threads = closing.add(new Threads(factory, settings.maxFills(), asks(settings)));
      UpstreamCredentials credentials = new UpstreamCredentials(again, clock);
      upstreams = closing.add(new OpenUpstreams(settings, credentials, clock, meters, threads));
      DataFolder folder = closing.add(ServerResources.folder(settings.storage()));
      spool = ServerResources.spool(settings.storage(), folder, threads.syncs());
      store = ServerResources.store(settings.storage(), folder, spool);
      DataSource dataSource = ServerResources.database(settings, naming, closing);
      catalog = closing.add(new Catalog(dataSource, clock));
      Pace pace = new Pace(settings.expiry().maxPerSecond(), System::nanoTime);
      leases = closing.add(new QuartzLeases(dataSource, pace, meters, factory));
      policies = Policies.of(settings, upstreams.all()::isScarce);
      expiry = expiry(settings);
      evictor =
          new Evictor(
              catalog,
              leases,
              store::removeUnless,
              inFlight::contains,
              new Retention(expiry, policies.pins(), settings.storage().unlinkGrace()),
              clock,
              meters);
      strays = new UnindexedBlobs(store, catalog, clock);
      shelf =
          new LocalContent(
              store, catalog, strays, evictor, settings.storage().verifyAfter(), clock);
      scrub = scrub();
      doors =
          FrontDoors.open(
              settings, policies, upstreams, shelf, inFlight, spool, leases, threads, meters,
              clock);
      health = health();
      stats =
          new StatsResource(
              catalog,
              leases,
              inFlight,
              scrub,
              meters,
              clock,
              settings.proxy().url().toString(),
              upstreams::statuses);
    } catch (RuntimeException e) {
      closing.close();
      throw e;
    }
  }

  private Scrub scrub() {
    Settings.Storage storage = settings.storage();
    Scrub.Rest rest = Scrub.Rest.atRate(Math.max(1, storage.scrubRate()));
    return new Scrub(catalog, shelf, inFlight, storage.verifyAfter(), rest, clock);
  }

  private static int asks(Settings settings) {
    return settings.proxy().maxConnections() - settings.maxFills();
  }

  private static ExpiryPolicies expiry(Settings settings) {
    ByUpstream<ExpiryPolicy> policies = ByUpstream.of(settings, Entrepot::policy);
    return new ExpiryPolicies(policies.fallback(), policies.named());
  }

  private static ExpiryPolicy policy(Settings.Upstream upstream) {
    boolean afterUse = upstream.expire() == Expire.AFTER_USE;
    return new ExpiryPolicy(
        upstream.ttl(), afterUse ? ExpiryPolicy.Basis.AFTER_USE : ExpiryPolicy.Basis.AFTER_FETCH);
  }

  /**
   * Takes over another registry's cache where that is configured; done before anything is served.
   */
  private void migrate() {
    settings
        .importDirectory()
        .ifPresent(
            folder -> {
              try {
                new Migration(folder, shelf, spool).run();
              } catch (IOException | RuntimeException e) {
                throw new StartException("import.dir: " + e.getMessage(), e);
              }
            });
  }

  /** Sets to work what works by itself: expiry, the warm-up, and what a crash left to mend. */
  void start() {
    migrate();
    leases.start(evictor::expire);
    Reconciler reconciler = closing.add(new Reconciler(catalog, leases, expiry), Reconciler::stop);
    upstreams.warmUp();
    Chores chores = new Chores(strays, reconciler, spool);
    leases.every("mend", CHORE_INTERVAL, () -> threads.asks().execute(chores::mend));
    leases.every("sweep", CHORE_INTERVAL, () -> threads.asks().execute(chores::sweep));
    if (settings.storage().scrubRate() > 0 && !settings.storage().verifyAfter().isZero()) {
      leases.every("scrub", CHORE_INTERVAL, () -> threads.scrub().execute(scrub));
    }
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
    threads.asks().execute(task);
  }

  /** Handed on, since the timer's one thread is for short work. */
  private void housekeep() {
    try {
      upstreams.warmUpAgain();
      catalog.flush();
    } catch (RuntimeException e) {
      log.warn("The last uses could not be written; the next try takes them along", e);
    }
  }

  /** The registry API. */
  RegistryServlet registry() {
    Settings.Clients clients = settings.http().clients();
    Chunks chunks = new Chunks(Runtime.getRuntime().maxMemory());
    AsyncAnswers later = new AsyncAnswers(errors, threads.pumps(), chunks, stragglers(clients));
    return new RegistryServlet(
        upstreams.routes(),
        new BlobResponder(doors.blobs(), later, clock),
        new ManifestResponder(doors.manifests(), later, clock),
        new ListResponder(
            doors.lists(),
            doors.referrers(),
            missing,
            settings.http().host().map(URI::toString).orElse(""),
            later,
            clock),
        errors,
        new Forwarding(this::isTrustedProxy),
        new ClientLimit(clients.maxRequests()),
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
    return new AdminApplication(
        new HealthResource(health),
        stats,
        new MissingResource(missing),
        new TagsResource(upstreams.routes(), catalog),
        new ExplainResource(doors.explanations()));
  }

  /**
   * What JMX shows.
   *
   * @param drain begins to take no more requests
   */
  EntrepotMXBean managed(Runnable drain) {
    return new ManagedCache(stats, health, catalog, evictor, drain, clock);
  }

  private Health health() {
    List<Health.Check> checks = new ArrayList<>();
    checks.add(new Health.Check("service", true, exchanges::trouble));
    checks.add(new Health.Check("storage", false, spool::trouble));
    checks.add(new Health.Check("database", true, this::databaseTrouble));
    checks.addAll(upstreams.checks());
    return new Health(checks);
  }

  private Optional<String> databaseTrouble() {
    catalog.findSetting("health");
    return Optional.empty();
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
