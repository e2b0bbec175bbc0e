package io.entrepot.upstream.wire;

import io.entrepot.upstream.Messages;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.UpstreamException.Place;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
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

  /** A body of this size needs no memory of its own. Nearly all manifests are smaller. */
  private static final int SMALL = 64 << 10;

  /** So many times its bytes a body takes: while it is read, and with what is taken out of it. */
  private static final long COPIES = 3;

  /** How long the end of a body is waited for, whose bytes have all been read. */
  private static final Duration END_WAIT = Duration.ofSeconds(1);

  /** Who has sent an answer. It decides what the answer can mean. */
  public enum Sender {
    /** The upstream's own origin. */
    UPSTREAM,
    /** A token service at another origin. */
    REALM,
    /** A host to which the upstream has redirected the request. */
    TARGET
  }

  private final UpstreamRequest request;
  private final Sender sender;
  private final BodyMemory memory;
  private final HttpUriRequestBase exchange;
  private final ClassicHttpResponse response;
  private final ScheduledExecutorService timer;
  private final Future<?> watchdog;

  private byte @Nullable [] drained;

  /**
   * @param memory for its body
   * @param timer runs what ends exchanges
   * @param watchdog ends the exchange at the deadline
   */
  Answer(
      UpstreamRequest request,
      Sender sender,
      BodyMemory memory,
      HttpUriRequestBase exchange,
      ClassicHttpResponse response,
      ScheduledExecutorService timer,
      Future<?> watchdog) {
    this.request = request;
    this.sender = sender;
    this.memory = memory;
    this.exchange = exchange;
    this.response = response;
    this.timer = timer;
    this.watchdog = watchdog;
  }

  /** The request that led to it, the last one where there were redirects. */
  public UpstreamRequest request() {
    return request;
  }

  public URI uri() {
    return request.uri();
  }

  /** Text of it in quotes, without the secrets in it, see {@link Messages#quote}. */
  public String quote(@Nullable String text) {
    return request.quote(text);
  }

  /**
   * The code and message of its error, without the secrets in it, see {@link Messages#excerpt}.
   * Reads the body.
   */
  public String excerpt() {
    return Messages.excerpt(drain(), request.redactor());
  }

  /** Whether the upstream's own origin has sent it. */
  public boolean isFromUpstream() {
    return sender == Sender.UPSTREAM;
  }

  /** Whether a host has sent it to which the upstream has redirected the request. */
  public boolean isFromTarget() {
    return sender == Sender.TARGET;
  }

  /** Whether it answers a HEAD, so that it has no body. */
  public boolean isToHead() {
    return request.method().equals("HEAD");
  }

  public int status() {
    return response.getCode();
  }

  public boolean isRefusal() {
    return status() == 401 || status() == 403;
  }

  public boolean isRedirect() {
    return switch (status()) {
      case 301, 302, 303, 307, 308 -> true;
      default -> false;
    };
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
      return entity == null
          ? InputStream.nullInputStream()
          : new RedactedStream(entity.getContent(), request.redactor());
    } catch (IOException e) {
      throw broken(e);
    }
  }

  /**
   * The body, whose end is read as soon as its last byte has been. So its connection can be used
   * again, also where the reader does not look for the end.
   *
   * @param length of the body, where it is known
   */
  public InputStream streamOf(OptionalLong length) throws UpstreamException {
    InputStream stream = stream();
    if (length.isEmpty()) {
      return stream;
    }
    if (length.getAsLong() == 0) {
      readEnd(stream);
      return InputStream.nullInputStream();
    }
    return new EndingStream(stream, length.getAsLong(), () -> readEnd(stream));
  }

  /**
   * Reads the end of a body whose last byte has been read. It is there already, but for a body of
   * chunks, whose last chunk can be late. That is waited for a moment only.
   */
  private void readEnd(InputStream stream) {
    Future<?> alarm = null;
    try {
      alarm = timer.schedule(exchange::cancel, END_WAIT.toMillis(), TimeUnit.MILLISECONDS);
      var unused = stream.read();
    } catch (IOException | RejectedExecutionException e) {
      // The body is whole all the same. Its connection is not used again.
    } finally {
      if (alarm != null) {
        alarm.cancel(false);
      }
    }
  }

  /**
   * Reads the whole body.
   *
   * @param max bytes; a longer body is {@link Failure#INVALID}
   */
  public byte[] readAll(int max) throws UpstreamException {
    byte[] bytes = readUpTo(Math.min(max, SMALL) + 1);
    if (bytes.length > SMALL && max > SMALL) {
      bytes = withRest(bytes, max);
    }
    if (bytes.length > max) {
      throw ofSender(
          new UpstreamException(
              Failure.INVALID, request + " got a body of more than " + max + " bytes"));
    }
    return bytes;
  }

  /** Reads the rest of a large body, when there is memory for it. */
  private byte[] withRest(byte[] begin, int max) throws UpstreamException {
    holdMemory(COPIES * Math.min(contentLength().orElse(max), max));
    byte[] rest = readUpTo(max + 1 - begin.length);
    byte[] all = Arrays.copyOf(begin, begin.length + rest.length);
    System.arraycopy(rest, 0, all, begin.length, rest.length);
    return all;
  }

  /**
   * Takes memory for what is read from this answer. It is given back with the answer, or when the
   * work ends for which it was asked ({@link io.entrepot.oci.Cost#hold}).
   *
   * @throws UpstreamException with {@link Failure#BUSY} if too much is in use
   */
  public void holdMemory(long bytes) throws UpstreamException {
    memory.take(bytes, request);
  }

  private byte[] readUpTo(int max) throws UpstreamException {
    try {
      return stream().readNBytes(max);
    } catch (IOException e) {
      throw broken(e);
    }
  }

  /**
   * Reads the body where it is short, so that the connection can be used again. A second call
   * returns the same bytes.
   *
   * @return the body, or its first bytes where it is long; empty where it is broken
   */
  public byte[] drain() {
    byte[] before = drained;
    if (before != null) {
      return before;
    }
    byte[] bytes;
    try {
      bytes = readUpTo(MAX_DRAIN);
    } catch (UpstreamException e) {
      bytes = new byte[0];
    }
    drained = bytes;
    return bytes;
  }

  /** The failure as one of the host that has sent this answer. */
  UpstreamException ofSender(UpstreamException e) {
    return isFromTarget() ? e.at(Place.TARGET) : e;
  }

  /** The failure of a body that could not be read. */
  public UpstreamException broken(IOException e) {
    return memory.deadline().hasPassed()
        ? timedOut(e)
        : ofSender(UpstreamFailures.of(request, "broke off", e));
  }

  private UpstreamException timedOut(@Nullable IOException cause) {
    return ofSender(
        new UpstreamException(
            Failure.TIMEOUT,
            request + " was not answered within " + memory.deadline().total().toMillis() + " ms",
            null,
            cause));
  }

  @Override
  public void close() {
    memory.close();
    watchdog.cancel(false);
    // Cancel first: any other close ends TLS properly, and that can block when the peer stalls.
    exchange.cancel();
    if (response instanceof ModalCloseable modal) {
      modal.close(CloseMode.IMMEDIATE);
    }
  }
}
