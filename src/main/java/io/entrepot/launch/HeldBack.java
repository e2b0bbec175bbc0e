package io.entrepot.launch;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.logging.Filter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * A log filter that holds back the records of the start. Records of level INFO and below wait until
 * the application has started. If the start fails and the application has said why, they are never
 * published, so that the user sees only that reason. Warnings are published at once. Thread-safe.
 */
final class HeldBack implements Filter {
  /** A start logs about twelve records. More records than this are dropped, to save memory. */
  private static final int MAX_RECORDS = 1_000;

  private final Handler handler;
  private final BooleanSupplier failureIsPrinted;
  private final List<LogRecord> held = new ArrayList<>();
  private boolean starting = true;

  /**
   * Begins to hold records back.
   *
   * @param handler publishes the records later
   * @param failureIsPrinted whether the launcher prints the failure itself; then Tomcat's stack
   *     trace is dropped
   */
  HeldBack(Handler handler, BooleanSupplier failureIsPrinted) {
    this.handler = handler;
    this.failureIsPrinted = failureIsPrinted;
  }

  @Override
  public synchronized boolean isLoggable(LogRecord record) {
    if (isOfTomcat(record) && failureIsPrinted.getAsBoolean()) {
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

  /**
   * Publishes the records that were held back, and from now on every record at once. To be called
   * when the application has started.
   */
  void started() {
    List<LogRecord> late;
    synchronized (this) {
      starting = false;
      late = List.copyOf(held);
      held.clear();
    }
    late.stream().filter(HeldBack::isStillWanted).forEach(handler::publish);
  }

  /** The settings, which were read meanwhile, may have raised the level. */
  private static boolean isStillWanted(LogRecord record) {
    return Logger.getLogger(record.getLoggerName()).isLoggable(record.getLevel());
  }

  private static boolean isOfTomcat(LogRecord record) {
    return record.getLoggerName() != null && record.getLoggerName().startsWith("org.apache.");
  }
}
