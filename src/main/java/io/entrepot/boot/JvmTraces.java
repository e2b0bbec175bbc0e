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
 * Removes references from the JVM to a closed application: JDBC drivers, and entries of a cache in
 * the JDK. Each of them would keep the class loader and all its classes in memory.
 */
final class JvmTraces {
  private static final Logger log = LoggerFactory.getLogger(JvmTraces.class);

  private JvmTraces() {}

  /** Removes the references. Must be the last step of the undeployment. */
  static void remove() {
    deregisterDrivers();
    forgetRecords();
  }

  /**
   * Removes the drivers that libraries have registered. Our own are removed when they are closed.
   */
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
   * Clears a cache of the JDK. The method handles for equals, hashCode and toString of records hold
   * the types that they were last adapted to: up to JDK 18 for ever, and later until memory is
   * short (JDK-8078641). So this method adapts them to a type of the JDK.
   */
  private static void forgetRecords() {
    MethodHandle itself = MethodHandles.identity(Date.class);
    for (String method : List.of("equals", "hashCode", "toString")) {
      try {
        ObjectMethods.bootstrap(
            MethodHandles.lookup(), method, MethodHandle.class, Date.class, "itself", itself);
      } catch (Throwable e) {
        log.warn(
            "A cache of the JDK was not cleared; the closed application may stay in memory", e);
      }
    }
  }
}
