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
 * The name under which the JVM's management knows one deployment. It holds the deployment's class
 * loader until it is closed.
 */
record ManagedName(MBeanServer server, ObjectName name) implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ManagedName.class);

  /** More deployments at one place, as of two versions at once, than anybody has. */
  private static final int MAX_SAME = 100;

  /**
   * Registers a deployment by its host and context, and a number where those are taken. A cache
   * works without, so a failure is logged only.
   */
  static Optional<ManagedName> register(
      MBeanServer server, ServletContext context, EntrepotMXBean bean) {
    try {
      for (int instance = 1; instance <= MAX_SAME; instance++) {
        ObjectName name = name(context, instance);
        try {
          server.registerMBean(bean, name);
          return Optional.of(new ManagedName(server, name));
        } catch (InstanceAlreadyExistsException e) {
          log.debug("{} is taken", name, e);
        }
      }
      log.warn("Not to be managed through JMX: {} deployments have this name", MAX_SAME);
    } catch (JMException | RuntimeException e) {
      log.warn("Not to be managed through JMX", e);
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
      log.warn("{} stays registered", name, e);
    }
  }
}
