package io.entrepot.upstream.wire;

import io.entrepot.memory.Allowance;
import io.entrepot.upstream.Origin;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.UpstreamException.Place;
import io.entrepot.upstream.wire.Answer.Sender;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests over HTTP, and follows redirects by our own rule. It retries nothing but a GET or
 * HEAD on a kept connection that the other side had closed. A status that says no is an answer like
 * any other. Thread-safe.
 */
public final class HttpTransport implements AutoCloseable {
  private static final int MAX_REDIRECTS = 5;
  private static final String IDENTITY = "identity";

  private final Origin upstream;
  private final Timeouts timeouts;
  private final ScheduledExecutorService timer;
  private final Consumer<Answer> ownAnswers;
  private final Allowance bodies;
  private final PooledClient client;
  private final SentSecrets secrets = new SentSecrets();

  /**
   * @param trusted origins besides the upstream's own that may see the client certificate
   * @param timer ends exchanges at their deadline
   * @param ownAnswers gets each answer of the upstream's own origin, to read its headers
   * @param bodies for large bodies that are read into memory
   */
  public HttpTransport(
      WireOptions options,
      Set<Origin> trusted,
      ScheduledExecutorService timer,
      Consumer<Answer> ownAnswers,
      Allowance bodies) {
    this.upstream = options.origin();
    this.timeouts = options.timeouts();
    this.timer = timer;
    this.ownAnswers = ownAnswers;
    this.bodies = bodies;
    this.client = new PooledClient(options, trusted);
    OutboundProxy proxy = options.proxy();
    if (proxy != null && proxy.login() != null) {
      secrets.sentCredential(new String(proxy.login().getPassword()));
    }
  }

  /** How many connections are in use now. */
  public int leasedConnections() {
    return client.leased();
  }

  /** A text that the other side has sent, without the secrets that it was sent. */
  public String redacted(String text) {
    return secrets.hide(text);
  }

  /**
   * Takes a password out of what the other side sends, until the result is closed. It is not
   * remembered: it belongs to a client.
   */
  public SentSecrets.Hidden hide(String password) {
    return secrets.hideWhileOpen(password);
  }

  /** Gives the proof for a host to which the upstream has redirected a request. */
  @FunctionalInterface
  public interface TargetProofs {
    /** The value of the {@code Authorization} header, or null. */
    @Nullable String find(URI target) throws UpstreamException;
  }

  /**
   * Sends a request to the upstream and follows redirects: five at most, never from https to http,
   * never in a loop.
   *
   * @param authorization value of the {@code Authorization} header, or null; sent to the upstream's
   *     own origin only (S2)
   * @param targets the proofs for all other origins
   * @return an answer of any status but a redirect, which the caller must close
   */
  public Answer follow(
      UpstreamRequest request, @Nullable String authorization, TargetProofs targets, Call call)
      throws UpstreamException {
    Set<URI> visited = new HashSet<>();
    UpstreamRequest next = request;
    while (true) {
      Answer answer = sendHop(next, authorization, targets, call);
      if (!answer.isRedirect()) {
        return answer;
      }
      try (answer) {
        visited.add(next.uri());
        next = next.at(target(answer));
        if (visited.contains(next.uri()) || visited.size() > MAX_REDIRECTS) {
          throw UpstreamFailures.invalid(
              answer,
              "a redirect to " + answer.request().url(next.uri()) + ", a loop or one too many");
        }
        answer.drain();
      }
    }
  }

  private Answer sendHop(
      UpstreamRequest request, @Nullable String authorization, TargetProofs targets, Call call)
      throws UpstreamException {
    if (upstream.contains(request.uri())) {
      return send(request, authorization, Sender.UPSTREAM, call);
    }
    try {
      return send(request, targets.find(request.uri()), Sender.TARGET, call);
    } catch (UpstreamException e) {
      throw e.at(Place.TARGET);
    }
  }

  /**
   * Sends one request to a token service. A redirect is an answer like any other.
   *
   * @param authorization value of the {@code Authorization} header, or null
   * @return an answer of any status, which the caller must close
   */
  public Answer send(UpstreamRequest request, @Nullable String authorization, Call call)
      throws UpstreamException {
    boolean own = upstream.contains(request.uri());
    return send(request, authorization, own ? Sender.UPSTREAM : Sender.REALM, call);
  }

  private Answer send(
      UpstreamRequest given, @Nullable String authorization, Sender sender, Call call)
      throws UpstreamException {
    UpstreamRequest request = given.redactedBy(this::redacted);
    note(request, authorization, sender);
    HttpClientContext context = client.newContext();
    try {
      return send(request, authorization, sender, call, context);
    } catch (UpstreamException e) {
      if (!request.isRepeatable() || !HiddenPath.wasStale(context)) {
        throw e;
      }
    }
    // The other side had closed the connection, and likely its others too.
    client.closeIdle();
    return send(request, authorization, sender, call, client.newContext());
  }

  private Answer send(
      UpstreamRequest request,
      @Nullable String authorization,
      Sender sender,
      Call call,
      HttpClientContext context)
      throws UpstreamException {
    if (call.deadline().hasPassed()) {
      throw timedOut(request, call, null);
    }
    HttpUriRequestBase exchange = exchange(request, authorization, call);
    Future<?> watchdog = watch(request, exchange, call);
    ClassicHttpResponse response;
    try {
      call.cost().addRequest();
      response = client.execute(exchange, context);
    } catch (IOException | IllegalStateException e) {
      watchdog.cancel(false);
      UpstreamException failure = failed(request, call, e);
      boolean unconnected = sender == Sender.UPSTREAM && !HiddenPath.isSent(context);
      throw unconnected ? failure.at(Place.CONNECTION) : failure;
    }
    Answer answer =
        new Answer(
            request, sender, new BodyMemory(bodies, call), exchange, response, timer, watchdog);
    if (answer.isFromUpstream()) {
      ownAnswers.accept(answer);
    }
    return checked(answer, context);
  }

  /** Notes the secrets that a request takes along: only they can come back in an answer. */
  private void note(UpstreamRequest request, @Nullable String authorization, Sender sender)
      throws UpstreamException {
    String query = request.uri().getRawQuery();
    if (sender == Sender.TARGET && query != null) {
      secrets.sentQuery(query);
    }
    if (authorization != null) {
      secrets.sentAuthorization(authorization);
    }
    if (request.form() != null) {
      secrets.sentForm(request.form());
    }
    if (sender != Sender.UPSTREAM && secrets.isTold(request.uri().getHost())) {
      // It would be told to name servers, and stand in the logs of HttpClient.
      throw new UpstreamException(
          Failure.INVALID, request + " is not sent: its host has one of our secrets in its name");
    }
  }

  private Answer checked(Answer answer, HttpClientContext context) throws UpstreamException {
    // An answer to an https request that came without TLS is from a proxy that refuses to connect.
    boolean https = "https".equalsIgnoreCase(answer.uri().getScheme());
    if (https && context.getSSLSession() == null) {
      answer.close();
      UpstreamException refused =
          new UpstreamException(
              Failure.UNREACHABLE,
              answer.request() + " failed: the proxy refuses to connect: " + answer.status());
      throw answer.isFromUpstream() ? refused.at(Place.CONNECTION) : refused;
    }
    if (answer.headers("Link").stream().anyMatch(secrets::isTold)) {
      // It would go on to clients, as the link to their next page.
      answer.close();
      throw UpstreamFailures.invalid(answer, "its Link has one of our secrets in it");
    }
    return answer;
  }

  private HttpUriRequestBase exchange(
      UpstreamRequest request, @Nullable String authorization, Call call) {
    HttpUriRequestBase exchange = new HttpUriRequestBase(request.method(), request.uri());
    Duration left = call.deadline().left();
    Duration lease = left.compareTo(timeouts.lease()) < 0 ? left : timeouts.lease();
    exchange.setConfig(
        RequestConfig.copy(client.config()).setConnectionRequestTimeout(Timeout.of(lease)).build());
    request.headers().forEach(exchange::setHeader);
    exchange.setHeader(HttpHeaders.ACCEPT_ENCODING, IDENTITY);
    String via = call.cost().via().header();
    if (!via.isEmpty()) {
      exchange.setHeader(HttpHeaders.VIA, via);
    }
    if (authorization != null) {
      exchange.setHeader(HttpHeaders.AUTHORIZATION, authorization);
    }
    if (request.form() != null) {
      exchange.setEntity(
          new StringEntity(
              request.form(),
              ContentType.APPLICATION_FORM_URLENCODED.withCharset(StandardCharsets.US_ASCII)));
    }
    return exchange;
  }

  /** Ends the exchange at its deadline. Socket timeouts cannot: each is for one read only. */
  private Future<?> watch(UpstreamRequest request, HttpUriRequestBase exchange, Call call)
      throws UpstreamException {
    try {
      return timer.schedule(
          exchange::cancel, call.deadline().left().toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      throw new UpstreamException(
          Failure.UNREACHABLE, request + " is not sent: the upstream is closed", null, e);
    }
  }

  private UpstreamException failed(UpstreamRequest request, Call call, Exception e) {
    if (call.deadline().hasPassed()) {
      return timedOut(request, call, e);
    }
    if (e instanceof IOException broken && !client.isClosed()) {
      return UpstreamFailures.of(request, "failed", broken);
    }
    return new UpstreamException(
        Failure.UNREACHABLE, request + " failed: the upstream is closed", null, e);
  }

  private static UpstreamException timedOut(
      UpstreamRequest request, Call call, @Nullable Exception cause) {
    return new UpstreamException(
        Failure.TIMEOUT,
        request + " was not answered within " + call.deadline().total().toMillis() + " ms",
        null,
        cause);
  }

  /** Where a redirect leads: an http or https URL, and never from https to http. */
  public static URI target(Answer answer) throws UpstreamException {
    String location = answer.header(HttpHeaders.LOCATION);
    if (location == null) {
      throw UpstreamFailures.invalid(answer, "a redirect without Location");
    }
    URI target;
    try {
      target = Location.resolve(answer.uri(), Location.parse(location));
    } catch (URISyntaxException e) {
      throw UpstreamFailures.invalid(answer, "a redirect to something that is no URL");
    }
    Origin origin =
        Origin.of(target)
            .orElseThrow(
                () ->
                    UpstreamFailures.invalid(
                        answer, "a redirect to something that is no http URL"));
    if ("https".equalsIgnoreCase(answer.uri().getScheme()) && !origin.isHttps()) {
      throw UpstreamFailures.invalid(
          answer, "a redirect from https to " + answer.request().url(target));
    }
    return target;
  }

  @Override
  public void close() {
    client.close();
  }
}
