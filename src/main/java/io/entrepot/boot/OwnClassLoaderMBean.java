package io.entrepot.boot;

import io.entrepot.admin.EntrepotMXBean;
import javax.management.Attribute;
import javax.management.AttributeList;
import javax.management.AttributeNotFoundException;
import javax.management.InvalidAttributeValueException;
import javax.management.MBeanException;
import javax.management.ReflectionException;
import javax.management.StandardMBean;
import org.jspecify.annotations.Nullable;

/**
 * The bean that is registered in JMX. Each call runs with the class loader of this application as
 * the thread's context class loader. A thread of JMX has another one, or none, and libraries would
 * look for their classes there.
 */
final class OwnClassLoaderMBean extends StandardMBean {
  private final @Nullable ClassLoader own = Thread.currentThread().getContextClassLoader();

  /** Wraps the bean that answers. To be called while the application is deployed. */
  OwnClassLoaderMBean(EntrepotMXBean bean) {
    super(bean, EntrepotMXBean.class, true);
  }

  /** Puts back the class loader that the thread had before. */
  @FunctionalInterface
  private interface Restored extends AutoCloseable {
    @Override
    void close();
  }

  private Restored entered() {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(own);
    return () -> thread.setContextClassLoader(before);
  }

  @Override
  public Object getAttribute(String name)
      throws AttributeNotFoundException, MBeanException, ReflectionException {
    try (Restored unused = entered()) {
      return super.getAttribute(name);
    }
  }

  @Override
  public void setAttribute(Attribute attribute)
      throws AttributeNotFoundException,
          InvalidAttributeValueException,
          MBeanException,
          ReflectionException {
    try (Restored unused = entered()) {
      super.setAttribute(attribute);
    }
  }

  @Override
  public AttributeList getAttributes(String[] names) {
    try (Restored unused = entered()) {
      return super.getAttributes(names);
    }
  }

  @Override
  public AttributeList setAttributes(AttributeList attributes) {
    try (Restored unused = entered()) {
      return super.setAttributes(attributes);
    }
  }

  @Override
  public Object invoke(String name, Object[] arguments, String[] signature)
      throws MBeanException, ReflectionException {
    try (Restored unused = entered()) {
      return super.invoke(name, arguments, signature);
    }
  }
}
