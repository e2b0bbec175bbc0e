package io.entrepot.boot;

import io.entrepot.access.Audit;
import io.entrepot.admin.Events;
import io.entrepot.cache.Missing;
import io.entrepot.config.Settings;
import io.entrepot.http.AccessControl;
import io.entrepot.http.AdminAccess;
import io.entrepot.http.AdminLimit;
import io.entrepot.http.AsyncAnswers;
import io.entrepot.http.BlobResponder;
import io.entrepot.http.Chunks;
import io.entrepot.http.ClientAccess;
import io.entrepot.http.ClientLimit;
import io.entrepot.http.ErrorResponder;
import io.entrepot.http.EventsServlet;
import io.entrepot.http.ExchangeLog;
import io.entrepot.http.Exchanges;
import io.entrepot.http.FillsServlet;
import io.entrepot.http.Forwarding;
import io.entrepot.http.ListResponder;
import io.entrepot.http.LoopGuard;
import io.entrepot.http.ManifestResponder;
import io.entrepot.http.ProviderServlet;
import io.entrepot.http.RegistryServlet;
import io.entrepot.http.SessionServlet;
import io.entrepot.http.Stragglers;
import io.entrepot.http.TokenServlet;
import io.entrepot.routing.Sources;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.net.URI;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;

/**
 * Makes what clients meet: the servlets of the registry API, and what admits requests to them and
 * to the administrative API.
 */
final class EdgeParts {
  private static final int CHECKS_WITHIN_PATIENCE = 4;

  /** One part in so many of the heap may hold bodies that clients have not read yet. */
  private static final int SHARE_OF_BODIES = 8;

  private final Settings settings;
  private final Sources sources;
  private final Entrepot.Caches caches;
  private final Given given;
  private final Threads threads;
  private final MeterRegistry meters;
  private final Clock clock;

  /**
   * What is known of requests.
   *
   * @param name of this cache in its upstream requests
   * @param missing what clients have asked for in vain
   * @param exchanges the unfinished requests
   * @param control asks who may pull; empty if all may
   * @param events tells what happens to those who listen
   * @param nodes checks that other nodes of the cluster ask; empty without a cluster
   */
  record Given(
      String name,
      Missing missing,
      Exchanges exchanges,
      Optional<AccessControl> control,
      Audit audit,
      Events events,
      Optional<FillsServlet.NodeCheck> nodes) {}

  /** Wires the collaborators. */
  EdgeParts(
      Settings settings,
      Sources sources,
      Entrepot.Caches caches,
      Given given,
      Threads threads,
      MeterRegistry meters,
      Clock clock) {
    this.settings = settings;
    this.sources = sources;
    this.caches = caches;
    this.given = given;
    this.threads = threads;
    this.meters = meters;
    this.clock = clock;
  }

  private AsyncAnswers answers() {
    ErrorResponder errors = new ErrorResponder(given.missing());
    Chunks chunks = new Chunks(Runtime.getRuntime().maxMemory());
    return new AsyncAnswers(errors, threads.pumps(), chunks, stragglers(settings.http().clients()));
  }

  /**
   * Makes the servlets of the registry API.
   *
   * @param bearable how many requests of one client the server bears, where nothing is set
   */
  Servlets registry(int bearable) {
    AsyncAnswers answers = answers();
    ClientAccess clients =
        new ClientAccess(
            forwarding(),
            new ClientLimit(settings.http().clients().maxRequests().orElse(bearable)),
            given.control().orElse(null));
    ExchangeLog requests = new ExchangeLog(meters);
    return new Servlets(
        registry(clients, answers, requests),
        given
            .control()
            .filter(AccessControl::givesTokens)
            .map(
                access ->
                    new TokenServlet(
                        access, clients, answers, requests, given.exchanges(), threads.timer())),
        new EventsServlet(given.events()::open, forwarding(), answers, requests, given.exchanges()),
        given
            .nodes()
            .map(
                check ->
                    new FillsServlet(
                        check,
                        caches.shared(),
                        forwarding(),
                        answers,
                        requests,
                        given.exchanges())));
  }

  /**
   * The servlets of the registry API, and the one of events, which is asynchronous as they are.
   *
   * @param tokens gives tokens; empty if nobody has to log in, or somebody else gives them
   * @param fills sends fills to other nodes; empty without a cluster
   */
  record Servlets(
      RegistryServlet registry,
      Optional<TokenServlet> tokens,
      EventsServlet events,
      Optional<FillsServlet> fills) {}

  private RegistryServlet registry(
      ClientAccess clients, AsyncAnswers answers, ExchangeLog requests) {
    String host = settings.http().host().map(URI::toString).orElse("");
    return new RegistryServlet(
        sources,
        new LoopGuard(given.name()),
        clients,
        new RegistryServlet.Responders(
            new BlobResponder(caches.blobs(), answers, clock),
            new ManifestResponder(caches.manifests(), caches.ahead(), answers, clock),
            new ListResponder(caches.lists(), caches.referrers(), host, answers, clock),
            answers.errors()),
        requests,
        given.exchanges());
  }

  private Stragglers stragglers(Settings.Clients clients) {
    long room = Runtime.getRuntime().maxMemory() / SHARE_OF_BODIES;
    Stragglers watch =
        new Stragglers(clients.minRate(), clients.patience(), room, System::nanoTime);
    long period = clients.patience().dividedBy(CHECKS_WITHIN_PATIENCE).toMillis();
    var unused =
        threads.timer().scheduleWithFixedDelay(watch::check, period, period, TimeUnit.MILLISECONDS);
    return watch;
  }

  /** How many connections an address may have, for the launcher; 0 for no limit. */
  ToIntFunction<InetAddress> maxConnections() {
    int max = settings.http().clients().maxRequests().orElse(ClientLimit.MOST);
    return address -> isTrustedProxy(address) ? 0 : max;
  }

  private Forwarding forwarding() {
    return new Forwarding(this::isTrustedProxy);
  }

  private boolean isTrustedProxy(InetAddress address) {
    return settings.http().trustedProxies().stream().anyMatch(range -> range.contains(address));
  }

  /** Makes the filter in front of the administrative API and the metrics. */
  AdminLimit adminLimit() {
    return new AdminLimit(forwarding());
  }

  /** Makes the servlet by which people log in on the web pages. */
  SessionServlet sessions() {
    return new SessionServlet(forwarding(), given.control().orElse(null), given.audit());
  }

  /** Makes the servlet by which people log in at providers; empty if there are none. */
  Optional<ProviderServlet> providers() {
    return given
        .control()
        .flatMap(
            access ->
                access
                    .web()
                    .providers()
                    .map(logins -> new ProviderServlet(forwarding(), access, logins)));
  }

  /** Makes the filter that asks who may look, and who may change something. */
  AdminAccess adminAccess() {
    return new AdminAccess(forwarding(), given.control().orElse(null), given.audit());
  }
}
