package io.entrepot.launch;

import java.util.concurrent.TimeUnit;
import org.apache.coyote.http11.Http11NioProtocol;

/**
 * HTTP/1.1 over NIO whose stop waits for responses under way, sendfile and asynchronous ones too,
 * but not for connections that idle between requests, as registry clients keep them.
 */
final class DrainingProtocol extends Http11NioProtocol {
  private static final long POLL_MILLIS = 20;

  @Override
  public long awaitConnectionsClose(long waitMillis) {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(waitMillis);
    long left = waitMillis;
    while (left > 0 && isAtWork()) {
      try {
        Thread.sleep(Math.min(POLL_MILLIS, left));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return 0;
      }
      left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
    }
    return Math.max(0, left);
  }

  /** A connection has a processor from a request's first byte to the last byte of its response. */
  private boolean isAtWork() {
    return getEndpoint().getConnections().stream()
        .anyMatch(connection -> connection.getCurrentProcessor() != null);
  }
}
