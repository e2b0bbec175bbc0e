package io.entrepot.boot;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.runtime.ObjectMethods;
import java.sql.Date;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a closed application would leave behind in the JVM, which outlives it: drivers, and a cache
 * of the JDK's. Either one keeps the class loader, and with it every class, from being collected.
 */
final class JvmTraces {
  private static final Logger log = LoggerFactory.getLogger(JvmTraces.class);

  private JvmTraces() {}

  /** Removes them. Nothing but the return from the undeployment may come after. */
  static void remove() {
    deregisterDrivers();
    forgetRecords();
  }

  /** Ours take themselves away when they are closed; others may have come through the libraries. */
  private static void deregisterDrivers() {
    DriverManager.drivers()
        .filter(JvmTraces::isOurs)
        .forEach(
            driver -> {
              try {
                DriverManager.deregisterDriver(driver);
              } catch (SQLException e) {
                log.warn("JDBC driver {} stays registered", driver, e);
              }
            });
  }

  private static boolean isOurs(Driver driver) {
    return driver.getClass().getClassLoader() == JvmTraces.class.getClassLoader();
  }

  /**
   * The method handles behind the equals, hashCode and toString of all records remember the types
   * they were last adapted to, up to JDK 18 for ever and then as long as there is memory
   * (JDK-8078641). So they are adapted once more, to a type of the JDK's own.
   */
  private static void forgetRecords() {
    MethodHandle itself = MethodHandles.identity(Date.class);
    for (String method : List.of("equals", "hashCode", "toString")) {
      try {
        ObjectMethods.bootstrap(
            MethodHandles.lookup(), method, MethodHandle.class, Date.class, "itself", itself);
      } catch (Throwable e) {
        log.warn("The class loader may not be collected: a cache of records is not cleared", e);
      }
    }
  }
}
