package io.entrepot.launch;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.logging.Filter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/**
 * What one handler of the log keeps to itself while the application starts: information is held
 * back until it is known that the start succeeded, so that one that failed is told in one line.
 * Warnings come at once. Thread-safe.
 */
final class HeldBack implements Filter {
  /** A start says a dozen lines; what says more than this is not worth its memory. */
  private static final int MAX_RECORDS = 1_000;

  private final Handler handler;
  private final BooleanSupplier failureIsTold;
  private final List<LogRecord> held = new ArrayList<>();
  private boolean starting = true;

  /**
   * Begins to hold back.
   *
   * @param failureIsTold whether the launcher prints what is wrong, so that Tomcat need not with a
   *     stack trace
   */
  HeldBack(Handler handler, BooleanSupplier failureIsTold) {
    this.handler = handler;
    this.failureIsTold = failureIsTold;
  }

  @Override
  public synchronized boolean isLoggable(LogRecord record) {
    if (isOfTomcat(record) && failureIsTold.getAsBoolean()) {
      return false;
    }
    if (!starting || record.getLevel().intValue() > Level.INFO.intValue()) {
      return true;
    }
    if (held.size() < MAX_RECORDS) {
      held.add(record);
    }
    return false;
  }

  /** The application has started: everything may be said, and what was held back is. */
  void started() {
    List<LogRecord> late;
    synchronized (this) {
      starting = false;
      late = List.copyOf(held);
      held.clear();
    }
    late.forEach(handler::publish);
  }

  private static boolean isOfTomcat(LogRecord record) {
    return record.getLoggerName() != null && record.getLoggerName().startsWith("org.apache.");
  }
}
