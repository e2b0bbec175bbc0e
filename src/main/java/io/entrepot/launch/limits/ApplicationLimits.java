package io.entrepot.launch.limits;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.apache.catalina.Container;
import org.apache.catalina.Context;
import org.apache.catalina.Lifecycle;
import org.apache.catalina.LifecycleEvent;
import org.apache.catalina.LifecycleListener;
import org.apache.catalina.Service;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.valves.RemoteIpValve;

/**
 * The listener of a service that gives its connectors the limit for each address which the
 * application announces: {@code http.maxperclient}, and none for {@code http.trustedproxies}. It is
 * asked anew for each connection, since the application may be deployed again.
 *
 * <p>With a {@code RemoteIpValve} there is none at all: clients come by a proxy which only the
 * valve knows.
 */
public final class ApplicationLimits implements LifecycleListener {
  /** A {@code ToIntFunction<InetAddress>}. */
  private static final String MAX_CONNECTIONS = "io.entrepot.http.maxconnections";

  @Override
  public void lifecycleEvent(LifecycleEvent event) {
    if (event.getType().equals(Lifecycle.BEFORE_START_EVENT)
        && event.getLifecycle() instanceof Service service) {
      for (Connector connector : service.findConnectors()) {
        if (connector.getProtocolHandler() instanceof LimitedProtocol protocol) {
          protocol.limitAddresses(address -> limit(service.getContainer(), address));
        }
      }
    }
  }

  private static int limit(Container engine, InetAddress address) {
    return withChildren(engine).anyMatch(ApplicationLimits::isBehindProxy)
        ? 0
        : withChildren(engine).mapToInt(each -> announced(each, address)).max().orElse(0);
  }

  /** The engine, its hosts and their applications. */
  private static Stream<Container> withChildren(Container container) {
    Stream<Container> children =
        container instanceof Context ? Stream.empty() : Arrays.stream(container.findChildren());
    return Stream.concat(Stream.of(container), children.flatMap(ApplicationLimits::withChildren));
  }

  private static boolean isBehindProxy(Container container) {
    return Arrays.stream(container.getPipeline().getValves())
        .anyMatch(RemoteIpValve.class::isInstance);
  }

  @SuppressWarnings("unchecked") // the application sets it, with this type
  private static int announced(Container container, InetAddress address) {
    return container instanceof Context context
            && context.getState().isAvailable()
            && context.getServletContext().getAttribute(MAX_CONNECTIONS)
                instanceof ToIntFunction<?> limit
        ? ((ToIntFunction<InetAddress>) limit).applyAsInt(address)
        : 0;
  }
}
