package io.entrepot.upstream.wire;

import io.entrepot.memory.Allowance;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory that one answer takes for its body. It is given back when the work has ended for which
 * the answer was asked, or with the answer where there is no such work. Used by one thread, but for
 * {@link #close}.
 */
final class BodyMemory implements AutoCloseable {
  /** How long to wait for others to give back, within the deadline. The upstream waits too. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Allowance allowance;
  private final Call call;
  private final AtomicLong own = new AtomicLong();

  BodyMemory(Allowance allowance, Call call) {
    this.allowance = allowance;
    this.call = call;
  }

  CallDeadline deadline() {
    return call.deadline();
  }

  /**
   * Takes memory.
   *
   * @throws UpstreamException with {@link Failure#BUSY} if too much is in use
   */
  void take(long bytes, UpstreamRequest request) throws UpstreamException {
    try {
      Duration left = deadline().left();
      if (!allowance.take(bytes, left.compareTo(PATIENCE) < 0 ? left : PATIENCE)) {
        throw UpstreamException.busy(
            "the answer to "
                + request
                + " is not read: other answers take all of the "
                + allowance.limit()
                + " bytes of memory for bodies",
            null);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw UpstreamException.busy("interrupted while waiting for memory", e);
    }
    if (!call.cost().keep(() -> allowance.giveBack(bytes))) {
      own.addAndGet(bytes);
    }
  }

  /** Gives back what no work has taken over. */
  @Override
  public void close() {
    long bytes = own.getAndSet(0);
    if (bytes > 0) {
      allowance.giveBack(bytes);
    }
  }
}
