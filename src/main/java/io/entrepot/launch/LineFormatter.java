package io.entrepot.launch;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.temporal.ChronoUnit;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;

/**
 * Formats a log record as one line: time, level, logger, message; a stack trace stands below it.
 */
public final class LineFormatter extends Formatter {
  /** Called by {@code java.util.logging}, by name. */
  public LineFormatter() {}

  @Override
  public String format(LogRecord record) {
    // A line break in a message, perhaps from a client, must not look like another record.
    String message = formatMessage(record).replaceAll("\\p{Cntrl}+", " ").strip();
    return "%s %-7s %s %s%n%s"
        .formatted(
            record.getInstant().truncatedTo(ChronoUnit.MILLIS),
            record.getLevel().getName(),
            record.getLoggerName(),
            message,
            trace(record.getThrown()));
  }

  private static String trace(Throwable thrown) {
    if (thrown == null) {
      return "";
    }
    StringWriter trace = new StringWriter();
    thrown.printStackTrace(new PrintWriter(trace, true));
    return trace.toString();
  }
}
