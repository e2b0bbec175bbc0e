package io.entrepot.launch;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.function.BooleanSupplier;
import java.util.logging.Handler;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** The log of the executable WAR: lines on standard error, unless the user has set up another. */
final class ConsoleLog {
  private static final String CONFIGURATION =
      """
      handlers = java.util.logging.ConsoleHandler
      .level = WARNING
      io.entrepot.level = INFO
      # What an application leaves behind does not matter to a JVM that ends with it.
      org.apache.catalina.loader.level = SEVERE
      java.util.logging.ConsoleHandler.level = ALL
      java.util.logging.ConsoleHandler.formatter = %s
      """
          .formatted(LineFormatter.class.getName());

  private ConsoleLog() {}

  /**
   * Sets up the log; to be called before anything logs.
   *
   * @param failureIsTold whether the launcher prints what is wrong, so that Tomcat need not with a
   *     stack trace
   */
  static void start(BooleanSupplier failureIsTold) {
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
    for (Handler handler : Logger.getLogger("").getHandlers()) {
      handler.setFilter(record -> !(isOfTomcat(record) && failureIsTold.getAsBoolean()));
    }
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

  private static boolean isOfTomcat(LogRecord record) {
    return record.getLoggerName() != null && record.getLoggerName().startsWith("org.apache.");
  }
}
