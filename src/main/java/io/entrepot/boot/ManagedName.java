package io.entrepot.boot;

import io.entrepot.admin.EntrepotMXBean;
import jakarta.servlet.ServletContext;
import java.util.Optional;
import javax.management.InstanceAlreadyExistsException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The JMX registration of one deployment. It holds the class loader of the deployment until it is
 * closed.
 */
record ManagedName(MBeanServer server, ObjectName name) implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ManagedName.class);

  /**
   * The largest number of deployments with the same host and context, such as two versions at once.
   */
  private static final int MAX_SAME = 100;

  /**
   * Registers a deployment under its host and context. If that name is taken, a number is added.
   * The cache works without JMX, so a failure is only logged.
   */
  static Optional<ManagedName> register(
      MBeanServer server, ServletContext context, EntrepotMXBean bean) {
    try {
      for (int instance = 1; instance <= MAX_SAME; instance++) {
        ObjectName name = name(context, instance);
        try {
          server.registerMBean(new OwnClassLoaderMBean(bean), name);
          return Optional.of(new ManagedName(server, name));
        } catch (InstanceAlreadyExistsException e) {
          log.debug("The JMX name {} is taken", name, e);
        }
      }
      log.warn("This cache is not available through JMX: {} deployments have its name", MAX_SAME);
    } catch (JMException | RuntimeException e) {
      log.warn("This cache is not available through JMX", e);
    }
    return Optional.empty();
  }

  private static ObjectName name(ServletContext context, int instance) throws JMException {
    String path = context.getContextPath();
    return new ObjectName(
        "io.entrepot:type=Entrepot,host=%s,context=%s%s"
            .formatted(
                ObjectName.quote(String.valueOf(context.getVirtualServerName())),
                ObjectName.quote(path.isEmpty() ? "/" : path),
                instance == 1 ? "" : ",instance=" + instance));
  }

  @Override
  public void close() {
    try {
      server.unregisterMBean(name);
    } catch (JMException e) {
      log.warn("The JMX name {} could not be unregistered", name, e);
    }
  }
}
