package io.entrepot.launch;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.logging.Handler;
import java.util.logging.Level;
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

  /**
   * The loggers whose level can be set: ours, and the root for all others. They are kept here, for
   * {@code java.util.logging} forgets a logger that nobody has. Empty if the user has configured
   * the log.
   */
  private final List<Logger> loggers;

  private ConsoleLog(List<HeldBack> handlers, List<Logger> loggers) {
    this.handlers = handlers;
    this.loggers = loggers;
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
    boolean ours =
        System.getProperty("java.util.logging.config.file") == null
            && System.getProperty("java.util.logging.config.class") == null;
    if (ours) {
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
    return new ConsoleLog(
        handlers,
        ours ? List.of(Logger.getLogger("io.entrepot"), Logger.getLogger("")) : List.of());
  }

  /** Writes from now on as {@code TEXT} or {@code JSON}; also what was held back. */
  void format(String name) {
    if (name.equals("JSON") && !loggers.isEmpty()) {
      for (Handler handler : Logger.getLogger("").getHandlers()) {
        handler.setFormatter(new JsonFormatter());
      }
    }
  }

  /** Leaves out what is below a level. Others than us are never heard below WARN. */
  void level(String name) {
    Level level =
        switch (name) {
          case "DEBUG" -> Level.FINE;
          case "WARN" -> Level.WARNING;
          case "ERROR" -> Level.SEVERE;
          default -> Level.INFO;
        };
    for (Logger logger : loggers) {
      boolean other = logger.getName().isEmpty();
      logger.setLevel(other && level.intValue() < Level.WARNING.intValue() ? Level.WARNING : level);
    }
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
