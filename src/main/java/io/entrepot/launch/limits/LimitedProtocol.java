package io.entrepot.launch.limits;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;
import org.apache.coyote.http11.Http11NioProtocol;

/**
 * Tomcat's HTTP/1.1 connector with the limits of {@link LimitedEndpoint}. In server.xml it is named
 * as {@code protocol} of a connector.
 */
public class LimitedProtocol extends Http11NioProtocol {
  private static final Duration SECOND = Duration.ofSeconds(1);

  /** Clients wait so long at most for a place that others hold without a request. */
  private static final Duration TENTH = Duration.ofMillis(100);

  private final LimitedEndpoint endpoint;
  private final List<Future<?>> tasks = new ArrayList<>();

  /** Made by Tomcat for a connector of server.xml. */
  public LimitedProtocol() {
    this(new LimitedEndpoint());
  }

  private LimitedProtocol(LimitedEndpoint endpoint) {
    super(endpoint);
    this.endpoint = endpoint;
  }

  /** How many milliseconds the head of a request, or a TLS handshake, may take in all. */
  public void setHeadTimeout(int millis) {
    endpoint.limitHeads(Duration.ofMillis(millis));
  }

  /** How many connections each address may have; 0 for no limit. */
  public void limitAddresses(ToIntFunction<InetAddress> limit) {
    endpoint.limitAddresses(limit);
  }

  @Override
  public void start() throws Exception {
    super.start();
    every(SECOND, endpoint::closeOverdue);
    every(TENTH, endpoint::keepRoom);
  }

  @Override
  public void stop() throws Exception {
    tasks.forEach(task -> task.cancel(false));
    tasks.clear();
    super.stop();
  }

  private void every(Duration delay, Runnable task) {
    long millis = delay.toMillis();
    tasks.add(
        getUtilityExecutor().scheduleWithFixedDelay(task, millis, millis, TimeUnit.MILLISECONDS));
  }
}
