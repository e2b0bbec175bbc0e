package io.entrepot.upstream.pace;

import io.entrepot.upstream.Messages;
import io.entrepot.upstream.UpstreamBody;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A body that keeps its call's place under the caps until it is closed, comes no faster than they
 * allow, and tells the breaker how it ended.
 */
final class PacedBody implements UpstreamBody {
  /**
   * After so many bytes a cut is no silence: the blob grows, and the rest can be asked for. A stall
   * costs the idle timeout each time, and so is one whenever it comes; but when the rest then comes
   * from here, the upstream has recovered, and the stalls of one blob do not add up (F8).
   */
  private static final long PROGRESS = 64 << 10;

  private final UpstreamBody body;
  private final Permit slot;
  private final Breaker.Pass pass;
  private final boolean isRest;
  private final InputStream stream = new Watched();
  private final AtomicLong came = new AtomicLong();
  private volatile boolean ended;

  /**
   * Begins to watch.
   *
   * @param isRest whether an earlier response broke off, and this one continues it
   */
  PacedBody(UpstreamBody body, Permit slot, Breaker.Pass pass, boolean isRest) {
    this.body = body;
    this.slot = slot;
    this.pass = pass;
    this.isRest = isRest;
  }

  @Override
  public InputStream stream() {
    return stream;
  }

  @Override
  public long offset() {
    return body.offset();
  }

  @Override
  public OptionalLong blobSize() {
    return body.blobSize();
  }

  @Override
  public URI source() {
    return body.source();
  }

  @Override
  public @Nullable String etag() {
    return body.etag();
  }

  @Override
  public void close() {
    if (!ended && came.get() > 0) {
      pass.succeeded();
    }
    ended = true;
    body.close();
    slot.close();
  }

  /** Who has closed the body, or has been told of its end, learns nothing new from what follows. */
  private void broken(IOException e) {
    if (ended) {
      return;
    }
    ended = true;
    boolean stalled = e instanceof SocketTimeoutException;
    if (stalled || came.get() < PROGRESS) {
      pass.failed(
          new UpstreamException(
              stalled ? Failure.TIMEOUT : Failure.UNREACHABLE,
              Messages.url(source()) + " broke off a blob: " + e.getMessage(),
              null,
              e));
    }
  }

  private void note(int bytes) {
    long before = came.getAndAdd(bytes);
    if (isRest && before < PROGRESS && before + bytes >= PROGRESS) {
      pass.succeeded();
    }
  }

  private final class Watched extends InputStream {
    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] chunk, int offset, int length) throws IOException {
      int n;
      try {
        n = body.stream().read(chunk, offset, Math.min(length, slot.piece()));
      } catch (IOException e) {
        broken(e);
        throw e;
      }
      if (n < 0 && !ended) {
        ended = true;
        pass.succeeded();
      }
      if (n > 0) {
        note(n);
        slot.pay(n);
      }
      return n;
    }

    @Override
    public void close() throws IOException {
      body.stream().close();
    }
  }
}
