package io.entrepot.launch;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.logging.Handler;
import java.util.logging.LogManager;
import java.util.logging.Logger;

/**
 * The log of the executable WAR. It writes lines to standard error, unless the user has configured
 * {@code java.util.logging}.
 */
final class ConsoleLog {
  private static final String CONFIGURATION =
      """
      handlers = java.util.logging.ConsoleHandler
      .level = WARNING
      io.entrepot.level = INFO
      # Quartz logs under the name of our subclass of its job store.
      io.entrepot.expiry.quartz.LeaseStore.level = WARNING
      # Tomcat warns of threads that an application leaves behind. Here the JVM ends with the application.
      org.apache.catalina.loader.level = SEVERE
      java.util.logging.ConsoleHandler.level = ALL
      java.util.logging.ConsoleHandler.formatter = %s
      """
          .formatted(LineFormatter.class.getName());

  private final List<HeldBack> handlers;

  private ConsoleLog(List<HeldBack> handlers) {
    this.handlers = handlers;
  }

  /**
   * Sets up the log. Must be called before anything logs.
   *
   * @param failureIsPrinted whether the launcher prints the failure itself; then Tomcat's stack
   *     trace is dropped
   */
  static ConsoleLog start(BooleanSupplier failureIsPrinted) {
    if (System.getProperty("java.util.logging.manager") == null) {
      System.setProperty("java.util.logging.manager", NoResetLogManager.class.getName());
    }
    LogManager manager = LogManager.getLogManager();
    if (System.getProperty("java.util.logging.config.file") == null
        && System.getProperty("java.util.logging.config.class") == null) {
      configure(manager);
    }
    if (manager instanceof NoResetLogManager own) {
      own.ignoreReset();
    }
    List<HeldBack> handlers = new ArrayList<>();
    for (Handler handler : Logger.getLogger("").getHandlers()) {
      HeldBack filter = new HeldBack(handler, failureIsPrinted);
      handler.setFilter(filter);
      handlers.add(filter);
    }
    return new ConsoleLog(handlers);
  }

  /**
   * Publishes the records that were held back during the start. To be called when the application
   * serves.
   */
  void started() {
    handlers.forEach(HeldBack::started);
  }

  private static void configure(LogManager manager) {
    // Without this property Tomcat sets its own formatter on all console handlers.
    System.setProperty("org.apache.juli.formatter", LineFormatter.class.getName());
    try {
      manager.readConfiguration(new ByteArrayInputStream(CONFIGURATION.getBytes(UTF_8)));
    } catch (IOException e) {
      throw new IllegalStateException("cannot read the built-in configuration of the log", e);
    }
  }
}
