package io.entrepot.expiry.quartz;

import java.io.InputStream;
import java.net.URL;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.quartz.impl.jdbcjobstore.PostgreSQLDelegate;
import org.quartz.impl.jdbcjobstore.StdJDBCDelegate;
import org.quartz.spi.ClassLoadHelper;

/** The only classes that Quartz may load by name: its two delegates, and no jobs (S21). */
final class LeaseClasses implements ClassLoadHelper {
  private static final Map<String, Class<?>> KNOWN =
      Stream.of(StdJDBCDelegate.class, PostgreSQLDelegate.class)
          .collect(Collectors.toUnmodifiableMap(Class::getName, Function.identity()));

  @Override
  public void initialize() {}

  @Override
  public Class<?> loadClass(String name) throws ClassNotFoundException {
    Class<?> known = KNOWN.get(name);
    if (known == null) {
      throw new ClassNotFoundException(name + " is not a class that leases use");
    }
    return known;
  }

  @Override
  public <T> Class<? extends T> loadClass(String name, Class<T> type)
      throws ClassNotFoundException {
    return loadClass(name).asSubclass(type);
  }

  @Override
  public @Nullable URL getResource(String name) {
    return null;
  }

  @Override
  public @Nullable InputStream getResourceAsStream(String name) {
    return null;
  }

  @Override
  public ClassLoader getClassLoader() {
    return LeaseClasses.class.getClassLoader();
  }
}
