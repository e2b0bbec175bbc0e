package io.entrepot.upstream.pace;

import io.entrepot.upstream.ForwardedBody;
import io.entrepot.upstream.Messages;
import io.entrepot.upstream.UpstreamBody;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The body of a blob whose call is still under way. It holds the call's permit until it is closed,
 * arrives no faster than the limits allow, and tells the breaker how it ended.
 */
final class PacedBody implements ForwardedBody {
  /**
   * So many bytes are progress. A connection that is cut after them is no failure of the upstream:
   * the blob has grown, and we can ask for the rest. A stall always is one, since it costs the idle
   * timeout. But when the rest of a blob then makes progress, the upstream has recovered. So
   * several stalls of one blob do not open the breaker (F8).
   */
  private static final long PROGRESS = 64 << 10;

  private final UpstreamBody body;
  private final Permit permit;
  private final Breaker.Pass pass;
  private final boolean isRest;
  private final InputStream stream = new Bytes();
  private final AtomicLong received = new AtomicLong();
  private volatile boolean ended;

  /**
   * @param isRest whether this response continues one that broke off
   */
  PacedBody(UpstreamBody body, Permit permit, Breaker.Pass pass, boolean isRest) {
    this.body = body;
    this.permit = permit;
    this.pass = pass;
    this.isRest = isRest;
  }

  @Override
  public InputStream stream() {
    return stream;
  }

  @Override
  public UpstreamBody body() {
    return body;
  }

  @Override
  public void close() {
    if (!ended && received.get() > 0) {
      pass.succeeded();
    }
    ended = true;
    body.close();
    permit.close();
  }

  /** Only the first end counts: an error after the end or after a close says nothing new. */
  private void broken(IOException e) {
    if (ended) {
      return;
    }
    ended = true;
    if (isOfTarget()) {
      pass.succeeded();
      return;
    }
    boolean stalled = e instanceof SocketTimeoutException;
    if (stalled || received.get() < PROGRESS) {
      pass.failed(
          new UpstreamException(
              stalled ? Failure.TIMEOUT : Failure.UNREACHABLE,
              Messages.url(source()) + " broke off a blob: " + e.getMessage(),
              null,
              e));
    }
  }

  private void count(int bytes) {
    long before = received.getAndAdd(bytes);
    if (isRest && before < PROGRESS && before + bytes >= PROGRESS) {
      pass.succeeded();
    }
  }

  private final class Bytes extends InputStream {
    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] chunk, int offset, int length) throws IOException {
      int n;
      try {
        n = body.stream().read(chunk, offset, Math.min(length, permit.maxRead()));
      } catch (IOException e) {
        broken(e);
        throw e;
      }
      if (n < 0 && !ended) {
        ended = true;
        pass.succeeded();
      }
      if (n > 0) {
        count(n);
        permit.delay(n);
      }
      return n;
    }

    @Override
    public void close() throws IOException {
      body.stream().close();
    }
  }
}
