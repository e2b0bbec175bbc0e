package io.entrepot.http;

import io.entrepot.access.AccessRules;
import io.entrepot.access.Audit;
import io.entrepot.access.Caller;
import io.entrepot.access.Client;
import io.entrepot.access.CurrentRules;
import io.entrepot.access.ForeignTokenService;
import io.entrepot.access.Logins;
import io.entrepot.access.Principal;
import io.entrepot.access.ProviderLogins;
import io.entrepot.access.Right;
import io.entrepot.access.ServiceTokens;
import io.entrepot.access.Sessions;
import io.entrepot.access.TokenScope;
import io.entrepot.access.UpstreamLogin;
import io.entrepot.access.Viewer;
import io.entrepot.access.WebLogins;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.RepositoryName;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Decides by the rules what a request may do, and challenges clients that have to log in. It is
 * asked before the catalog and the upstream, so that what nobody may pull looks like what does not
 * exist. There is none if no setting asks for it. Thread-safe.
 */
public final class AccessControl {
  private static final String AUTHORIZATION = "Authorization";

  /** The attribute of a request that has the certificates of the client (Servlet 6.0, 3.10). */
  private static final String CERTIFICATES = "jakarta.servlet.request.X509Certificate";

  private final Logins logins;
  private final WebLogins web;
  private final CurrentRules rules;
  private final Audit audit;
  private final Places places;

  /**
   * Where clients find this cache.
   *
   * @param realm the name that clients show when they ask for a password
   * @param host the URL of this cache for clients, if it is set
   * @param hosts the host names of this cache that select an upstream
   * @param lenient whether users who do not exist count as anonymous in requests for tokens
   * @param clients the logins of clients at upstreams
   * @param tokens somebody else's token service, which takes the place of our own
   */
  public record Places(
      String realm,
      Optional<URI> host,
      Set<String> hosts,
      boolean lenient,
      ClientLogins clients,
      Optional<ServiceTokens> tokens) {}

  /** Wires the collaborators. */
  public AccessControl(
      Logins logins, WebLogins web, CurrentRules rules, Audit audit, Places places) {
    this.logins = logins;
    this.web = web;
    this.rules = rules;
    this.audit = audit;
    this.places = places;
  }

  Logins logins() {
    return logins;
  }

  /** How people log in on the web pages. */
  public WebLogins web() {
    return web;
  }

  /** The names of the providers whose own pages log in. */
  List<String> providers() {
    return web.providers().map(ProviderLogins::names).orElse(List.of());
  }

  /**
   * Begins the session of a person who has logged in.
   *
   * @param secure whether the browser shall send it by TLS only
   */
  void beginSession(HttpServletResponse response, Client client, boolean secure)
      throws IOException {
    Principal principal = Objects.requireNonNull(client.principal());
    String session = web.sessions().begin(principal, rules().groups());
    if (session.length() > ApiCookie.MAX_VALUE) {
      throw new OciException(OciError.DENIED, "the user name and the groups are too long");
    }
    ApiCookie.SESSION.set(response, session, Sessions.LIFETIME, secure);
    audit.log(new Audit.Event("login", client.who(), client.address(), "", "session begun"));
  }

  /** The rules that count now. */
  public AccessRules rules() {
    return rules.now();
  }

  boolean isLenient() {
    return places.lenient();
  }

  /** The challenge for those who can only be asked for a password. */
  String basicChallenge() {
    return "Basic realm=\"" + places.realm() + "\", charset=\"UTF-8\"";
  }

  /** Identifies the client of a request to the registry API. */
  CompletableFuture<Client> identify(Exchange exchange) {
    CompletableFuture<Client> login = logins.identify(caller(exchange));
    if (!places.clients().isNone()) {
      login = login.thenApply(this::admit);
    }
    if (!login.isDone() || login.isCompletedExceptionally()) {
      challenge(exchange, null, "invalid_token");
    }
    return login;
  }

  /** What a request shows of who sends it. */
  Caller caller(Exchange exchange) {
    return new Caller(
        exchange.facts().address(),
        exchange.headers(AUTHORIZATION),
        certificates(exchange.request()),
        new RequestRealm(exchange.request()),
        places.clients().upstreamOf(exchange.facts().host()));
  }

  /** The logins of clients at upstreams. */
  ClientLogins clients() {
    return places.clients();
  }

  /** Whoever guesses passwords of an upstream does not reach it for a while. */
  Client admit(Client client) {
    UpstreamLogin login = client.login();
    if (login != null && logins.isSlowed(client) && !places.clients().isKnown(login)) {
      throw Logins.slowed();
    }
    return client;
  }

  /** Asks the upstream of a client whether its user name and password are right there. */
  CompletableFuture<Client> checkLogin(Client client) {
    return places.clients().check(client, logins);
  }

  /**
   * Prepares the answer for the case that the upstream refuses a client by itself.
   *
   * @param asked the name of the repository in the path of the request
   */
  void expectRefusal(Client client, RepositoryName asked, Exchange exchange) {
    challenge(exchange, TokenScope.pull(asked.value()), "insufficient_scope");
    exchange
        .facts()
        .onRefusal(
            error -> {
              if (error == OciError.UNAUTHORIZED && client.login() != null) {
                logins.wrongAtUpstream(client);
              } else {
                audit(client, asked.value(), "refused");
              }
            });
  }

  private void audit(Client client, String repository, String outcome) {
    audit.log(
        new Audit.Event(Right.PULL.label(), client.who(), client.address(), repository, outcome));
  }

  /** What the client has shown in TLS. On some servers it costs something to ask. */
  List<X509Certificate> certificates(HttpServletRequest request) {
    return logins.looksAtCertificates()
            && request.getAttribute(CERTIFICATES) instanceof X509Certificate[] shown
        ? List.of(shown)
        : List.of();
  }

  /** Whether clients get their tokens here. */
  public boolean givesTokens() {
    return places.tokens().isEmpty();
  }

  /** Sets the challenge that the answer has, if it is 401. */
  private void challenge(Exchange exchange, @Nullable TokenScope scope, String error) {
    List<String> fields = exchange.headers(AUTHORIZATION);
    boolean isBearer = !fields.isEmpty() && fields.get(0).regionMatches(true, 0, "Bearer", 0, 6);
    Optional<ForeignTokenService> foreign = places.tokens().map(ServiceTokens::service);
    exchange
        .facts()
        .challenge(
            "Bearer realm=\"%s\",service=\"%s\"%s%s"
                .formatted(
                    foreign
                        .map(service -> service.realm().toString())
                        .orElseGet(() -> base(exchange) + "/v2/token"),
                    foreign
                        .map(ForeignTokenService::service)
                        .orElseGet(logins.tokens()::deployment),
                    scope == null ? "" : ",scope=\"" + scope + "\"",
                    isBearer ? ",error=\"" + error + "\"" : ""));
  }

  /** The URL of this cache at the host that the client has called, if that is one of ours. */
  private String base(Exchange exchange) {
    RequestFacts facts = exchange.facts();
    Optional<URI> host = places.host();
    Optional<String> called = facts.host();
    boolean isOurs =
        host.isEmpty()
            || called
                .filter(name -> places.hosts().contains(name) || name.equals(host.get().getHost()))
                .isPresent();
    if (host.isPresent() && (!isOurs || host.get().getHost().equals(called.orElse("")))) {
      return host.get().toString();
    }
    return facts.origin().isEmpty() ? called(exchange.request()) : facts.origin();
  }

  private static String called(HttpServletRequest request) {
    return "%s://%s:%d"
        .formatted(request.getScheme(), request.getServerName(), request.getServerPort());
  }

  /** Checks a request that asks only whether this is a registry, and whether its login is right. */
  void checkVersion(Client client, Exchange exchange) {
    if (client.isAnonymous() && client.scopes() == null) {
      challenge(exchange, null, "invalid_token");
      throw unauthorized();
    }
  }

  /**
   * Checks that a client may pull.
   *
   * @param asked the name of the repository in the path of the request
   * @param repository its name in this cache
   */
  void checkPull(Client client, RepositoryName asked, String repository, Exchange exchange) {
    TokenScope scope =
        places
            .tokens()
            .map(tokens -> tokens.scopeOf(repository))
            .orElseGet(() -> TokenScope.pull(asked.value()));
    check(client, scope, rules().letsPull(client, repository), exchange);
  }

  /** Checks that a client may list the repositories that it may pull. */
  void checkCatalog(Client client, Exchange exchange) {
    check(client, TokenScope.CATALOG, rules().letsList(client), exchange);
  }

  private void check(Client client, TokenScope scope, boolean given, Exchange exchange) {
    if (given && client.isWithin(scope)) {
      return;
    }
    challenge(exchange, scope, "insufficient_scope");
    audit(client, scope.name(), "refused");
    if (!client.isAnonymous() && client.scopes() == null) {
      throw new OciException(OciError.DENIED, "you may not pull this");
    }
    throw unauthorized();
  }

  private static OciException unauthorized() {
    return new OciException(OciError.UNAUTHORIZED, "log in to pull this");
  }

  /** Whether a client may see a repository in lists, by its name in this cache. */
  boolean isShown(AccessRules now, Client client, String repository) {
    return now.letsPull(client, repository) && places.clients().shows(client, repository);
  }

  /** A client that looks at the administrative API. */
  Viewer viewer(Client client) {
    AccessRules now = rules();
    boolean manages = now.givesSome(client, Right.MANAGE);
    return new Viewer(
        client,
        now,
        logins.ways(),
        repository -> manages || places.clients().shows(client, repository));
  }

  /** The repositories that a client may pull, by their names in this cache. */
  Predicate<RepositoryName> pullableBy(Client client) {
    AccessRules now = rules();
    return repository -> isShown(now, client, repository.value());
  }
}
