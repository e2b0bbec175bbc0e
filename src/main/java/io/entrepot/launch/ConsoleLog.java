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

/** The log of the executable WAR: lines on standard error, unless the user has set up another. */
final class ConsoleLog {
  private static final String CONFIGURATION =
      """
      handlers = java.util.logging.ConsoleHandler
      .level = WARNING
      io.entrepot.level = INFO
      # Quartz, which logs under the name of our subclass of its store.
      io.entrepot.expiry.quartz.LeaseStore.level = WARNING
      # What an application leaves behind does not matter to a JVM that ends with it.
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
   * Sets up the log; to be called before anything logs.
   *
   * @param failureIsTold whether the launcher prints what is wrong, so that Tomcat need not with a
   *     stack trace
   */
  static ConsoleLog start(BooleanSupplier failureIsTold) {
    if (System.getProperty("java.util.logging.manager") == null) {
      System.setProperty("java.util.logging.manager", LastingLogManager.class.getName());
    }
    LogManager manager = LogManager.getLogManager();
    if (System.getProperty("java.util.logging.config.file") == null
        && System.getProperty("java.util.logging.config.class") == null) {
      configure(manager);
    }
    if (manager instanceof LastingLogManager lasting) {
      lasting.last();
    }
    List<HeldBack> handlers = new ArrayList<>();
    for (Handler handler : Logger.getLogger("").getHandlers()) {
      HeldBack filter = new HeldBack(handler, failureIsTold);
      handler.setFilter(filter);
      handlers.add(filter);
    }
    return new ConsoleLog(handlers);
  }

  /** The application serves: what was held back during the start may be said. */
  void started() {
    handlers.forEach(HeldBack::started);
  }

  private static void configure(LogManager manager) {
    // Tomcat gives all console handlers a formatter of its own choice unless told.
    System.setProperty("org.apache.juli.formatter", LineFormatter.class.getName());
    try {
      manager.readConfiguration(new ByteArrayInputStream(CONFIGURATION.getBytes(UTF_8)));
    } catch (IOException e) {
      throw new IllegalStateException("in-memory configuration of the log", e);
    }
  }
}
