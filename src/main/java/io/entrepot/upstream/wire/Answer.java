package io.entrepot.upstream.wire;

import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Future;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.io.ModalCloseable;
import org.jspecify.annotations.Nullable;

/**
 * The response to one request, whose body is not read yet. It must be closed; where the body was
 * not read to its end, that closes the connection too. One thread reads, any thread may close.
 */
public final class Answer implements AutoCloseable {
  /** Bytes of the body of an error or redirect that are read, so that the connection is reused. */
  private static final int MAX_DRAIN = 8192;

  private final UpstreamRequest request;
  private final boolean fromUpstream;
  private final CallDeadline deadline;
  private final HttpUriRequestBase exchange;
  private final ClassicHttpResponse response;
  private final Future<?> watchdog;

  /**
   * @param fromUpstream whether the upstream's own origin sent it, and not a place it redirects to
   * @param watchdog ends the exchange at the deadline
   */
  Answer(
      UpstreamRequest request,
      boolean fromUpstream,
      CallDeadline deadline,
      HttpUriRequestBase exchange,
      ClassicHttpResponse response,
      Future<?> watchdog) {
    this.request = request;
    this.fromUpstream = fromUpstream;
    this.deadline = deadline;
    this.exchange = exchange;
    this.response = response;
    this.watchdog = watchdog;
  }

  /** The request that led to it, the last one where there were redirects. */
  public UpstreamRequest request() {
    return request;
  }

  public URI uri() {
    return request.uri();
  }

  /** Whether the upstream's own origin sent it, and not a place it redirects to. */
  public boolean isFromUpstream() {
    return fromUpstream;
  }

  public int status() {
    return response.getCode();
  }

  public boolean isRefusal() {
    return status() == 401 || status() == 403;
  }

  public @Nullable String header(String name) {
    Header first = response.getFirstHeader(name);
    return first == null ? null : first.getValue();
  }

  public List<String> headers(String name) {
    return Arrays.stream(response.getHeaders(name))
        .map(Header::getValue)
        .filter(value -> value != null)
        .toList();
  }

  /** The {@code Content-Length}, also of a response to HEAD; empty where it is no number. */
  public OptionalLong contentLength() {
    List<String> values = headers("Content-Length").stream().distinct().toList();
    return values.size() == 1 && values.get(0).matches("\\d{1,18}")
        ? OptionalLong.of(Long.parseLong(values.get(0)))
        : OptionalLong.empty();
  }

  /** Ends the deadline: from now on the body may take any time, while it does not stall. */
  public void liftDeadline() throws UpstreamException {
    if (!watchdog.cancel(false)) {
      close();
      throw timedOut(null);
    }
  }

  public InputStream stream() throws UpstreamException {
    HttpEntity entity = response.getEntity();
    try {
      return entity == null ? InputStream.nullInputStream() : entity.getContent();
    } catch (IOException e) {
      throw broken(e);
    }
  }

  /**
   * Reads the whole body.
   *
   * @param max bytes; a longer body is {@link Failure#INVALID}
   */
  public byte[] readAll(int max) throws UpstreamException {
    byte[] bytes = readUpTo(max + 1);
    if (bytes.length > max) {
      throw new UpstreamException(
          Failure.INVALID, request + " got a body of more than " + max + " bytes");
    }
    return bytes;
  }

  private byte[] readUpTo(int max) throws UpstreamException {
    try {
      return stream().readNBytes(max);
    } catch (IOException e) {
      throw broken(e);
    }
  }

  /**
   * Reads the body where it is short, so that the connection can be used again.
   *
   * @return the body; empty where it is long or broken
   */
  public byte[] drain() {
    try {
      byte[] bytes = readUpTo(MAX_DRAIN);
      return bytes.length < MAX_DRAIN ? bytes : new byte[0];
    } catch (UpstreamException e) {
      return new byte[0];
    }
  }

  /** The failure of a body that could not be read. */
  public UpstreamException broken(IOException e) {
    return deadline.hasPassed() ? timedOut(e) : UpstreamFailures.of(request, "broke off", e);
  }

  private UpstreamException timedOut(@Nullable IOException cause) {
    return new UpstreamException(
        Failure.TIMEOUT,
        request + " was not answered within " + deadline.total().toMillis() + " ms",
        null,
        cause);
  }

  @Override
  public void close() {
    watchdog.cancel(false);
    // Cancel first: any other close ends TLS properly, and that can block when the peer stalls.
    exchange.cancel();
    if (response instanceof ModalCloseable modal) {
      modal.close(CloseMode.IMMEDIATE);
    }
  }
}
