package io.entrepot.launch;

import io.entrepot.launch.limits.LimitedProtocol;
import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.coyote.Constants;
import org.apache.coyote.Processor;
import org.apache.tomcat.util.net.NioEndpoint.NioSocketWrapper;

/**
 * Our HTTP/1.1 connector with a stop that waits for unfinished responses. It waits for synchronous
 * and asynchronous responses, and for files that are being sent. It does not wait for idle
 * connections, which registry clients keep open between requests.
 */
final class DrainingProtocol extends LimitedProtocol {
  private static final long POLL_MILLIS = 20;

  /** All processors that Tomcat has made; it uses them again for other connections. */
  private final Set<Processor> processors =
      Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

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

  @Override
  protected Processor createProcessor() {
    Processor processor = super.createProcessor();
    processors.add(processor);
    return processor;
  }

  private boolean isAtWork() {
    synchronized (processors) {
      if (processors.stream().anyMatch(DrainingProtocol::isAtWork)) {
        return true;
      }
    }
    return getEndpoint().getConnections().stream().anyMatch(DrainingProtocol::isSendingFile);
  }

  /** A processor is in the stage "ended" between two requests, and also while a file is sent. */
  private static boolean isAtWork(Processor processor) {
    int stage = processor.getRequest().getRequestProcessor().getStage();
    return processor.isAsync() || (stage != Constants.STAGE_NEW && stage != Constants.STAGE_ENDED);
  }

  private static boolean isSendingFile(Object connection) {
    return connection instanceof NioSocketWrapper nio && nio.getSendfileData() != null;
  }
}
