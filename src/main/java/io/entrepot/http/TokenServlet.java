package io.entrepot.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.entrepot.access.Caller;
import io.entrepot.access.Client;
import io.entrepot.access.PasswordLogin;
import io.entrepot.access.TokenIssuer;
import io.entrepot.access.TokenScope;
import io.entrepot.oci.Json;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.RawPath;
import io.entrepot.store.HeldBody;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;

/**
 * The servlet of our token service: {@code /v2/token} gives tokens, {@code /v2/token/jwks} the
 * public keys. A client without credentials gets an anonymous token.
 */
public final class TokenServlet extends ExchangeServlet {
  private static final long serialVersionUID = 1L;
  private static final ObjectMapper JSON = Json.mapper();

  private final transient AccessControl control;
  private final transient ClientAccess clients;
  private final transient AsyncAnswers answers;
  private final transient ArrivingForms bodies;

  /**
   * Wires the collaborators.
   *
   * @param timer gives up bodies that take too long
   */
  public TokenServlet(
      AccessControl control,
      ClientAccess clients,
      AsyncAnswers answers,
      ExchangeLog log,
      Exchanges exchanges,
      ScheduledExecutorService timer) {
    super(clients.forwarding(), answers.errors(), log, exchanges);
    this.control = control;
    this.clients = clients;
    this.answers = answers;
    this.bodies = new ArrivingForms(timer);
  }

  @Override
  void answer(Exchange exchange) throws IOException {
    exchange.facts().kind("token");
    exchange.facts().challenge(control.basicChallenge());
    clients.enter(exchange);
    HttpServletRequest request = exchange.request();
    String path = RawPath.check(RegistryServlet.rawPath(request));
    boolean reads = request.getMethod().equals("GET") || exchange.facts().isHead();
    if (path.endsWith("/jwks") && reads) {
      send(exchange, control.logins().tokens().publicKeys().getBytes(StandardCharsets.UTF_8));
    } else if (reads) {
      give(exchange, asked(exchange, Form.parse(request.getQueryString())));
    } else if (request.getMethod().equals("POST") && !path.endsWith("/jwks")) {
      ArrivingForm body = bodies.enter(exchange);
      give(exchange, body.form().thenCompose(form -> asked(exchange, form)));
      body.read();
    } else {
      throw new OciException(OciError.UNSUPPORTED, "ask for a token by GET or POST");
    }
  }

  /**
   * A client that may have a token.
   *
   * @param scopes for what
   */
  private record Asked(Client client, Set<TokenScope> scopes) {}

  /** Finds out who asks. The realm of the server needs the thread on which this is called. */
  private CompletableFuture<Asked> asked(Exchange exchange, Form form) {
    Set<TokenScope> scopes = TokenScope.parse(form.all("scope"));
    return client(exchange, form, control.isLenient() && !form.all("scope").isEmpty())
        .thenApply(control::admit)
        .thenCompose(client -> checked(client, scopes))
        .thenApply(client -> new Asked(client, scopes));
  }

  private void give(Exchange exchange, CompletableFuture<Asked> asking) {
    answers.send(
        asking,
        exchange,
        asked -> {
          exchange.facts().principal(asked.client().who());
          Set<String> groups = control.rules().groups();
          TokenIssuer tokens = control.logins().tokens();
          send(exchange, body(tokens.issueTo(asked.client(), groups, asked.scopes())));
        });
  }

  /** A login alone is checked now. Before a pull, the pull itself is the question. */
  private CompletableFuture<Client> checked(Client client, Set<TokenScope> scopes) {
    return scopes.isEmpty()
        ? control.checkLogin(client)
        : CompletableFuture.completedFuture(client);
  }

  private CompletableFuture<Client> client(Exchange exchange, Form form, boolean lenient) {
    Caller caller = control.caller(exchange);
    String grant = form.first("grant_type");
    if (!caller.authorization().isEmpty() || grant.isEmpty()) {
      return control.logins().identifyForToken(caller, lenient);
    }
    if (!grant.equals("password")) {
      throw new OciException(
          OciError.UNAUTHORIZED, "this cache gives no refresh tokens; use grant_type=password");
    }
    PasswordLogin login = new PasswordLogin(form.first("username"), form.first("password"));
    return control.logins().identify(caller, login, lenient);
  }

  private static byte[] body(TokenIssuer.Issued token) throws IOException {
    ObjectNode body = JSON.createObjectNode();
    body.put("token", token.text());
    body.put("access_token", token.text());
    body.put("expires_in", token.lifetime().toSeconds());
    body.put("issued_at", token.issuedAt().toString());
    return JSON.writeValueAsBytes(body);
  }

  private void send(Exchange exchange, byte[] body) throws IOException {
    HttpServletResponse response = exchange.response();
    Headers.common(response);
    Headers.uncached(response, "token");
    response.setHeader("Cache-Control", "no-store");
    response.setContentType("application/json");
    answers.sendBody(exchange, new HeldBody(body));
  }
}
