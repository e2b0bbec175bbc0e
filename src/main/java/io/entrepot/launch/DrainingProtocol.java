package io.entrepot.launch;

import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.coyote.Constants;
import org.apache.coyote.Processor;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.tomcat.util.net.NioEndpoint.NioSocketWrapper;

/**
 * HTTP/1.1 over NIO whose stop waits for responses under way, asynchronous ones and files being
 * sent too, but not for connections that idle between requests, as registry clients keep them.
 */
final class DrainingProtocol extends Http11NioProtocol {
  private static final long POLL_MILLIS = 20;

  /** All that Tomcat has made and may use again. */
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

  /** Between two requests, and while a file is sent, a processor has ended. */
  private static boolean isAtWork(Processor processor) {
    int stage = processor.getRequest().getRequestProcessor().getStage();
    return processor.isAsync() || (stage != Constants.STAGE_NEW && stage != Constants.STAGE_ENDED);
  }

  private static boolean isSendingFile(Object connection) {
    return connection instanceof NioSocketWrapper nio && nio.getSendfileData() != null;
  }
}
