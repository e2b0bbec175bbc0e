package io.entrepot.upstream.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.oci.UnusableJsonException;
import io.entrepot.upstream.ClientCredentials;
import io.entrepot.upstream.Messages;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.auth.RealmPolicy.Trust;
import io.entrepot.upstream.credentials.Credentials;
import io.entrepot.upstream.wire.Answer;
import io.entrepot.upstream.wire.Call;
import io.entrepot.upstream.wire.HttpTransport;
import io.entrepot.upstream.wire.RegistryMarks;
import io.entrepot.upstream.wire.UpstreamFailures;
import io.entrepot.upstream.wire.UpstreamRequest;
import java.net.URI;
import java.net.URLEncoder;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Fetches tokens from a realm: by GET with Basic authentication (distribution's "Token
 * Authentication"), or with an identity token by POST ("OAuth2 Token Authentication"). Callers ask
 * {@link RealmPolicy} first. Thread-safe.
 */
public final class TokenService implements TokenSource {
  private static final String CLIENT_ID = "entrepot";
  private static final Duration DEFAULT_LIFETIME = Duration.ofSeconds(60);
  private static final Duration MAX_LIFETIME = Duration.ofDays(1);

  private static final int MAX_REDIRECTS = 5;

  private final HttpTransport transport;
  private final Function<URI, Trust> trust;
  private final Clock clock;

  private TokenService(HttpTransport transport, Function<URI, Trust> trust, Clock clock) {
    this.transport = transport;
    this.trust = trust;
    this.clock = clock;
  }

  /** For the realms that the upstream itself names. */
  public static TokenService ofUpstream(HttpTransport transport, RealmPolicy policy, Clock clock) {
    return new TokenService(transport, policy::trustIn, clock);
  }

  /** For the realms that hosts name to which the upstream redirects. */
  public static TokenService ofTargets(HttpTransport transport, RealmPolicy policy, Clock clock) {
    return new TokenService(transport, policy::trustOfTarget, clock);
  }

  @Override
  public Token fetch(TokenKey key, Call call) throws UpstreamException {
    if (key.credentials() instanceof Credentials.IdentityToken identity) {
      Token token = post(key, identity, call);
      return token != null ? token : get(key, identity.asPassword(), call);
    }
    return get(key, sent(key, call), call);
  }

  private Token get(TokenKey key, Credentials credentials, Call call) throws UpstreamException {
    String query = parameters(key);
    String realm = key.realm().toString();
    String joint = query.isEmpty() ? "" : key.realm().getRawQuery() == null ? "?" : "&";
    UpstreamRequest request = UpstreamRequest.get(URI.create(realm + joint + query));
    String basic = credentials instanceof Credentials.Password password ? password.basic() : null;
    try (Answer answer = Objects.requireNonNull(follow(request, basic, call))) {
      return read(answer, credentials);
    }
  }

  /** A key has no password of a client in it. */
  private static Credentials sent(TokenKey key, Call call) {
    ClientCredentials client = call.client();
    return client != null && key.credentials() instanceof Credentials.OfClient
        ? new Credentials.Password(client.username(), client.password().get())
        : key.credentials();
  }

  /**
   * Sends a request to a realm along its redirects. A POST stays a POST. Where a redirect leads to
   * a place that must not see the credentials, a GET goes on without them. A POST has them in its
   * body, so it ends there.
   *
   * @return an answer of any status but a redirect; null where a POST has ended
   */
  private @Nullable Answer follow(UpstreamRequest request, @Nullable String basic, Call call)
      throws UpstreamException {
    UpstreamRequest next = request;
    String authorization = basic;
    for (int redirects = 1; true; redirects++) {
      Answer answer = transport.send(next, authorization, call);
      if (!answer.isRedirect()) {
        return answer;
      }
      try (answer) {
        next = next.at(target(answer, redirects));
        answer.drain();
      }
      if (trust.apply(next.uri()) != Trust.CREDENTIALS) {
        if (next.form() != null) {
          return null;
        }
        authorization = null;
      }
    }
  }

  private URI target(Answer answer, int redirects) throws UpstreamException {
    URI target = HttpTransport.target(answer);
    if (trust.apply(target) == Trust.NONE) {
      throw UpstreamFailures.invalid(
          answer,
          "the realm redirects to "
              + answer.request().url(target)
              + ", which is neither https nor the upstream's own origin");
    }
    if (redirects > MAX_REDIRECTS) {
      throw UpstreamFailures.invalid(answer, "the realm redirects too often");
    }
    return target;
  }

  /** Null where the service has no POST: older ones have only GET. */
  private @Nullable Token post(TokenKey key, Credentials.IdentityToken identity, Call call)
      throws UpstreamException {
    String query = parameters(key);
    String form =
        "grant_type=refresh_token&client_id="
            + CLIENT_ID
            + "&refresh_token="
            + encode(identity.secret())
            + (query.isEmpty() ? "" : "&" + query);
    try (Answer answer = follow(UpstreamRequest.post(key.realm(), form), null, call)) {
      if (answer == null) {
        return null;
      }
      if (answer.status() == 404 || answer.status() == 405) {
        answer.drain();
        return null;
      }
      if (answer.status() == 400) {
        throw badRequest(answer, identity);
      }
      return read(answer, identity);
    }
  }

  /** A refresh token that is wrong or has expired is a bad request (RFC 6749, 5.2). */
  private UpstreamException badRequest(Answer answer, Credentials.IdentityToken identity) {
    String error = TokenBody.error(answer.drain());
    return error.equals("invalid_grant")
        ? denied(answer, " (\"invalid_grant\")", identity)
        : new UpstreamException(
            Failure.INVALID,
            answer.request()
                + " failed: 400"
                + (error.isEmpty() ? "" : " (" + answer.quote(error) + ")"));
  }

  private static String parameters(TokenKey key) {
    String service = key.service().isEmpty() ? "" : "service=" + encode(key.service());
    String scope = key.scope().value();
    String scopes = scope.isEmpty() ? "" : "scope=" + encode(scope);
    return service + (service.isEmpty() || scopes.isEmpty() ? "" : "&") + scopes;
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, UTF_8);
  }

  private Token read(Answer answer, Credentials credentials) throws UpstreamException {
    if (answer.status() != 200) {
      throw refused(answer, credentials);
    }
    TokenBody body;
    try {
      body = TokenBody.read(answer.readAll(TokenBody.MAX_BYTES));
    } catch (UnusableJsonException e) {
      // Its message would quote the answer, which may have a token in it.
      throw UpstreamFailures.invalid(answer, "a token that is not JSON, or nested too deep");
    }
    String token = body.token();
    if (token.isEmpty() || !token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw UpstreamFailures.invalid(answer, "no token in it");
    }
    return new Token(token, clock.instant(), lifetime(body.seconds()));
  }

  private static Duration lifetime(long seconds) {
    if (seconds <= 0) {
      return DEFAULT_LIFETIME;
    }
    return seconds > MAX_LIFETIME.toSeconds() ? MAX_LIFETIME : Duration.ofSeconds(seconds);
  }

  private UpstreamException refused(Answer answer, Credentials credentials) {
    if (answer.isRefusal() && RegistryMarks.isPage(answer)) {
      return UpstreamFailures.invalid(answer, answer.status() + " with a page in place of a token");
    }
    if (answer.isRefusal()) {
      return denied(answer, answer.excerpt(), credentials);
    }
    UpstreamException failure = UpstreamFailures.of(answer, clock);
    // A 404 of the token service does not mean that the repository is not there.
    boolean misleading = failure.failure() == Failure.NOT_FOUND;
    return misleading
        ? new UpstreamException(Failure.INVALID, String.valueOf(failure.getMessage()))
        : failure;
  }

  private static UpstreamException denied(Answer answer, String words, Credentials credentials) {
    return new UpstreamException(
        Failure.DENIED,
        answer.request() + " gave no token: " + answer.status() + words + ": " + who(credentials));
  }

  private static String who(Credentials credentials) {
    if (credentials instanceof Credentials.Password password) {
      return "wrong credentials of user " + Messages.quote(password.username());
    }
    return credentials instanceof Credentials.IdentityToken
        ? "wrong or expired identity token"
        : "anonymous access is not allowed";
  }
}
