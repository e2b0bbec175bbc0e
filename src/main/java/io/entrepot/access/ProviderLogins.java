package io.entrepot.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.access.BearerTokens.Verdict;
import io.entrepot.oci.ForeignJson;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Logs people in at an OpenID Connect provider, by its own page: the authorization code flow with
 * PKCE (OpenID Connect Core 1.0, 3.1). The provider is asked on the thread of the request.
 * Thread-safe.
 */
public final class ProviderLogins {
  /** As long as a person may take at the provider. */
  public static final Duration PATIENCE = LoginAttempt.LIFETIME;

  /** Its endpoints are read again after this time. */
  private static final Duration FRESH = Duration.ofMinutes(15);

  /** So many threads may wait for the providers. The others of the API go on. */
  private static final int MAX_WAITING = 4;

  /** How long a thread waits for the keys of a provider. */
  private static final int PATIENCE_SECONDS = 10;

  /** A token has 16 KiB at most, and there may be three of them. */
  private static final int MAX_ANSWER = 64 << 10;

  private static final ForeignJson JSON = ForeignJson.upTo(MAX_ANSWER);

  private final Map<String, Known> providers = new LinkedHashMap<>();
  private final OidcTokens tokens;
  private final TokenKeys keys;
  private final String audience;
  private final Clock clock;
  private final SecureRandom random = new SecureRandom();
  private final Semaphore waiting = new Semaphore(MAX_WAITING);

  /**
   * A provider that knows this cache as a client.
   *
   * @param source reads what it publishes
   * @param endpoint asks it for tokens
   */
  public record Place(
      OidcProvider provider, OidcClient client, KeySource source, TokenEndpoint endpoint) {}

  /** A provider, and where its endpoints were when they were read. */
  private static final class Known {
    private final Place place;
    private volatile @Nullable Endpoints endpoints;

    Known(Place place) {
      this.place = place;
    }
  }

  private record Endpoints(URI authorization, URI token, Instant readAt) {}

  /**
   * Wires the collaborators.
   *
   * @param keys sign what a browser keeps while a person is at a provider
   * @param deployment the id of this deployment
   */
  public ProviderLogins(
      List<Place> places, OidcTokens tokens, TokenKeys keys, String deployment, Clock clock) {
    places.forEach(place -> providers.put(place.provider().name(), new Known(place)));
    this.tokens = tokens;
    this.keys = keys;
    this.audience = deployment + "/login";
    this.clock = clock;
  }

  /** The names of the providers. */
  public List<String> names() {
    return List.copyOf(providers.keySet());
  }

  /**
   * A login that begins.
   *
   * @param location where the browser goes
   * @param cookie what it keeps meanwhile
   */
  public record Begun(URI location, String cookie) {}

  /**
   * Begins a login.
   *
   * @param name the name of a provider
   * @param redirect where the provider sends the browser
   * @param back the page of ours that is shown then
   * @return empty if there is no such provider
   * @throws IOException if the provider does not answer
   */
  public Optional<Begun> begin(String name, URI redirect, String back) throws IOException {
    Known known = providers.get(name);
    if (known == null) {
      return Optional.empty();
    }
    URI page = endpoints(known).authorization();
    OidcClient client = known.place.client();
    LoginAttempt attempt = LoginAttempt.at(name, redirect, back, random);
    Map<String, String> query = new LinkedHashMap<>();
    query.put("response_type", "code");
    query.put("client_id", client.id());
    query.put("redirect_uri", redirect.toString());
    query.put("scope", String.join(" ", client.scopes()));
    query.put("state", attempt.state());
    query.put("nonce", attempt.nonce());
    query.put("code_challenge", attempt.challenge());
    query.put("code_challenge_method", "S256");
    String joint = page.getRawQuery() == null ? "?" : "&";
    return Optional.of(
        new Begun(
            URI.create(page + joint + form(query)), attempt.sign(keys, audience, clock.instant())));
  }

  /**
   * What a browser brings back from a provider.
   *
   * @param cookie what it kept; may be empty
   * @param issuer who the provider says that it is (RFC 9207); may be empty
   */
  public record Return(String cookie, String state, String code, String issuer) {}

  /** How a login has ended. */
  public sealed interface Ended {
    /**
     * Somebody has logged in.
     *
     * @param back the page of ours that is shown now
     */
    record In(Principal principal, String back) implements Ended {}

    /**
     * Nobody has.
     *
     * @param why for the log; quotes nothing
     */
    record Refused(String why) implements Ended {}
  }

  /**
   * Ends a login.
   *
   * @throws IOException if the provider does not answer
   */
  public Ended end(Return brought) throws IOException {
    Optional<LoginAttempt> begun = LoginAttempt.read(brought.cookie(), keys, audience);
    if (begun.isEmpty() || !begun.get().hasState(brought.state())) {
      return new Ended.Refused("this browser has begun no such login, or too long ago");
    }
    LoginAttempt attempt = begun.get();
    Known known = providers.get(attempt.provider());
    if (known == null) {
      return new Ended.Refused("the provider is not set up any more");
    }
    OidcProvider provider = known.place.provider();
    boolean isOther = !brought.issuer().isEmpty() && !brought.issuer().equals(provider.issuer());
    if (brought.code().isEmpty() || isOther) {
      return new Ended.Refused("the provider has not logged anybody in");
    }
    Optional<String> token = idToken(known, attempt, brought.code());
    if (token.isEmpty()) {
      return new Ended.Refused("the provider does not take its code back");
    }
    Verdict verdict = verdict(known.place, token.get(), attempt.nonce());
    if (verdict instanceof Verdict.Unavailable) {
      throw new IOException("the keys of the provider " + provider.name() + " cannot be had");
    }
    Principal principal =
        verdict instanceof Verdict.Valid valid ? valid.proven().principal() : null;
    return principal == null
        ? new Ended.Refused(
            verdict instanceof Verdict.Refused refused
                ? refused.why()
                : "the token is not of the provider")
        : new Ended.In(principal, attempt.back());
  }

  /** Empty if the provider refuses, or gives none. */
  private Optional<String> idToken(Known known, LoginAttempt attempt, String code)
      throws IOException {
    OidcClient client = known.place.client();
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("grant_type", "authorization_code");
    fields.put("code", code);
    fields.put("redirect_uri", attempt.redirect().toString());
    fields.put("code_verifier", attempt.verifier());
    if (client.authorization().isEmpty()) {
      fields.put("client_id", client.id());
    }
    URI token = endpoints(known).token();
    Optional<byte[]> answer =
        waitFor(
            () ->
                known
                    .place
                    .endpoint()
                    .ask(token, form(fields), client.authorization(), MAX_ANSWER));
    if (answer.isEmpty()) {
      return Optional.empty();
    }
    Map<String, String> found = new HashMap<>();
    JSON.read(
        answer.get(),
        root ->
            root.distinctFields(
                (name, value) -> {
                  if (name.equals("id_token")) {
                    found.put(name, value.text());
                  }
                }));
    return Optional.ofNullable(found.get("id_token"));
  }

  private Verdict verdict(Place place, String token, String nonce) throws IOException {
    try {
      return tokens
          .verifyLogin(place.provider(), token, place.client().id(), nonce)
          .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      return new Verdict.Unavailable();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Verdict.Unavailable();
    }
  }

  private Endpoints endpoints(Known known) throws IOException {
    Endpoints last = known.endpoints;
    Instant now = clock.instant();
    if (last != null && Duration.between(last.readAt(), now).abs().compareTo(FRESH) < 0) {
      return last;
    }
    ProviderConfiguration read =
        waitFor(() -> ProviderConfiguration.read(known.place.provider(), known.place.source()));
    Endpoints found =
        new Endpoints(read.url("authorization_endpoint"), read.url("token_endpoint"), now);
    known.endpoints = found;
    return found;
  }

  private interface Question<T> {
    T ask() throws IOException;
  }

  private <T> T waitFor(Question<T> question) throws IOException {
    if (!waiting.tryAcquire()) {
      throw new IOException("too many logins wait for the providers");
    }
    try {
      return question.ask();
    } finally {
      waiting.release();
    }
  }

  private static String form(Map<String, String> fields) {
    return fields.entrySet().stream()
        .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), UTF_8))
        .collect(Collectors.joining("&"));
  }
}
