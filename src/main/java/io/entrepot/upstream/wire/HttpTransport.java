package io.entrepot.upstream.wire;

import io.entrepot.upstream.Messages;
import io.entrepot.upstream.Origin;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.auth.Authorization;
import io.entrepot.upstream.pace.QuotaWatch;
import io.entrepot.upstream.registry.UpstreamOptions;
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
 * The sending of requests: one at a time, or along a chain of redirects by our own rule. Nothing is
 * retried here and no status is judged. Thread-safe.
 */
public final class HttpTransport implements AutoCloseable {
  private static final int MAX_REDIRECTS = 5;
  private static final String IDENTITY = "identity";

  private final Origin upstream;
  private final Timeouts timeouts;
  private final ScheduledExecutorService timer;
  private final QuotaWatch quotas;
  private final PooledClient client;

  /**
   * @param timer ends exchanges at their deadline
   * @param quotas sees what the upstream's own origin answers
   */
  public HttpTransport(UpstreamOptions options, ScheduledExecutorService timer, QuotaWatch quotas) {
    this.upstream = Origin.of(options.uri()).orElseThrow();
    this.timeouts = options.timeouts();
    this.timer = timer;
    this.quotas = quotas;
    this.client = new PooledClient(options);
  }

  /** How many connections a call has now. */
  public int leasedConnections() {
    return client.leased();
  }

  /**
   * Sends a request to the upstream and follows redirects, five at most, never from https to http,
   * never in a ring.
   *
   * @param authorization sent to the upstream's own origin only (S2), or null
   * @return an answer of any status but a redirect, which the caller must close
   */
  public Answer follow(UpstreamRequest request, @Nullable Authorization authorization, Call call)
      throws UpstreamException {
    Set<URI> visited = new HashSet<>();
    UpstreamRequest next = request;
    while (true) {
      boolean own = upstream.contains(next.uri());
      Answer answer = send(next, own ? authorization : null, call);
      if (!isRedirect(answer.status())) {
        return answer;
      }
      try (answer) {
        visited.add(next.uri());
        next = next.at(target(answer));
        if (visited.contains(next.uri()) || visited.size() > MAX_REDIRECTS) {
          throw UpstreamFailures.invalid(
              answer, "a redirect to " + Messages.url(next.uri()) + ", a ring or one too many");
        }
        answer.drain();
      }
    }
  }

  /**
   * Sends one request. A redirect is an answer like any other.
   *
   * @return an answer of any status, which the caller must close
   */
  public Answer send(UpstreamRequest request, @Nullable Authorization authorization, Call call)
      throws UpstreamException {
    if (call.deadline().hasPassed()) {
      throw timedOut(request, call, null);
    }
    HttpUriRequestBase exchange = exchange(request, authorization, call);
    HttpClientContext context = client.newContext();
    Future<?> watchdog = watch(request, exchange, call);
    ClassicHttpResponse response;
    try {
      call.cost().addRequest();
      response = client.execute(exchange, context);
    } catch (IOException | IllegalStateException e) {
      watchdog.cancel(false);
      throw failed(request, call, e);
    }
    boolean own = upstream.contains(request.uri());
    Answer answer = new Answer(request, own, call.deadline(), exchange, response, watchdog);
    if (own) {
      quotas.see(answer);
    }
    return checked(answer, context);
  }

  private static Answer checked(Answer answer, HttpClientContext context) throws UpstreamException {
    // Without TLS beneath it, the answer to an https request is a proxy's that refuses to connect.
    boolean https = "https".equalsIgnoreCase(answer.uri().getScheme());
    if (https && context.getSSLSession() == null) {
      answer.close();
      throw new UpstreamException(
          Failure.UNREACHABLE,
          answer.request() + " failed: the proxy refuses to connect: " + answer.status());
    }
    String encoding = answer.header(HttpHeaders.CONTENT_ENCODING);
    if (encoding != null && !encoding.strip().equalsIgnoreCase(IDENTITY)) {
      answer.close();
      throw UpstreamFailures.invalid(
          answer, "its Content-Encoding is " + Messages.quote(encoding) + " though none was asked");
    }
    return answer;
  }

  private HttpUriRequestBase exchange(
      UpstreamRequest request, @Nullable Authorization authorization, Call call) {
    HttpUriRequestBase exchange = new HttpUriRequestBase(request.method(), request.uri());
    Duration left = call.deadline().left();
    Duration lease = left.compareTo(timeouts.lease()) < 0 ? left : timeouts.lease();
    exchange.setConfig(
        RequestConfig.copy(client.config()).setConnectionRequestTimeout(Timeout.of(lease)).build());
    request.headers().forEach(exchange::setHeader);
    exchange.setHeader(HttpHeaders.ACCEPT_ENCODING, IDENTITY);
    String proof = authorization == null ? null : authorization.header();
    if (proof != null) {
      exchange.setHeader(HttpHeaders.AUTHORIZATION, proof);
    }
    if (request.form() != null) {
      exchange.setEntity(
          new StringEntity(
              request.form(),
              ContentType.APPLICATION_FORM_URLENCODED.withCharset(StandardCharsets.US_ASCII)));
    }
    return exchange;
  }

  /** Socket timeouts see single reads; only this sees an upstream that sends a byte at a time. */
  private Future<?> watch(UpstreamRequest request, HttpUriRequestBase exchange, Call call)
      throws UpstreamException {
    try {
      return timer.schedule(
          exchange::cancel, call.deadline().left().toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      throw new UpstreamException(
          Failure.UNREACHABLE, request + " is not sent: closing down", null, e);
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
        Failure.UNREACHABLE, request + " failed: closed meanwhile", null, e);
  }

  private static UpstreamException timedOut(
      UpstreamRequest request, Call call, @Nullable Exception cause) {
    return new UpstreamException(
        Failure.TIMEOUT,
        request + " was not answered within " + call.deadline().total().toMillis() + " ms",
        null,
        cause);
  }

  private static boolean isRedirect(int status) {
    return switch (status) {
      case 301, 302, 303, 307, 308 -> true;
      default -> false;
    };
  }

  private static URI target(Answer answer) throws UpstreamException {
    String location = answer.header(HttpHeaders.LOCATION);
    if (location == null) {
      throw UpstreamFailures.invalid(answer, "a redirect to nowhere");
    }
    URI target;
    try {
      target = Location.resolve(answer.uri(), new URI(location.strip()));
    } catch (URISyntaxException e) {
      throw UpstreamFailures.invalid(answer, "a redirect to what is no URL");
    }
    Origin origin =
        Origin.of(target)
            .orElseThrow(
                () -> UpstreamFailures.invalid(answer, "a redirect to what is no http URL"));
    if ("https".equalsIgnoreCase(answer.uri().getScheme()) && !origin.isHttps()) {
      throw UpstreamFailures.invalid(answer, "a redirect from https to " + Messages.url(target));
    }
    return target;
  }

  @Override
  public void close() {
    client.close();
  }
}
