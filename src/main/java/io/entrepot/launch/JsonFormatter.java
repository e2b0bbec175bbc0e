package io.entrepot.launch;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.temporal.ChronoUnit;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Formats a log record as one JSON object on a line: time, level, logger, message; the id of the
 * request and the exception, where there are any.
 */
public final class JsonFormatter extends Formatter {
  /** The loggers of requests. Their messages have the id of the request near the end. */
  private static final Pattern OF_REQUESTS = Pattern.compile("io\\.entrepot\\.(access|http\\..*)");

  /** What follows the id says why the body is not complete. It is quoted, as is all of clients. */
  private static final Pattern ID = Pattern.compile(" id=\"([0-9a-z-]+)\"(?: aborted=.*)?$");

  /** The longest text in an object, in characters: a line of a log must not fill a disk. */
  private static final int MAX_TEXT = 32 << 10;

  /** All else is escaped, so that it does not matter in which encoding a line is read. */
  private static final char FIRST_PRINTABLE = ' ';

  private static final char LAST_PRINTABLE = '~';

  /** Called by {@code java.util.logging}, which finds the class by its name. */
  public JsonFormatter() {}

  @Override
  public String format(LogRecord record) {
    StringBuilder line = new StringBuilder("{\"time\":\"");
    line.append(record.getInstant().truncatedTo(ChronoUnit.MILLIS)).append('"');
    String message = String.valueOf(formatMessage(record)).strip();
    field(line, "level", level(record.getLevel()));
    field(line, "logger", String.valueOf(record.getLoggerName()));
    field(line, "message", message);
    if (OF_REQUESTS.matcher(String.valueOf(record.getLoggerName())).matches()) {
      Matcher id = ID.matcher(message);
      if (id.find()) {
        field(line, "request", id.group(1));
      }
    }
    if (record.getThrown() != null) {
      field(line, "exception", trace(record.getThrown()));
    }
    return line.append("}\n").toString();
  }

  /** The words of {@code log.level}. */
  private static String level(Level level) {
    if (level.intValue() >= Level.SEVERE.intValue()) {
      return "error";
    }
    if (level.intValue() >= Level.WARNING.intValue()) {
      return "warn";
    }
    return level.intValue() >= Level.INFO.intValue() ? "info" : "debug";
  }

  private static String trace(Throwable thrown) {
    StringWriter trace = new StringWriter();
    thrown.printStackTrace(new PrintWriter(trace, true));
    return trace.toString().strip();
  }

  private static void field(StringBuilder line, String name, String value) {
    line.append(",\"").append(name).append("\":\"");
    int length = Math.min(value.length(), MAX_TEXT);
    for (int i = 0; i < length; i++) {
      char c = value.charAt(i);
      switch (c) {
        case '"', '\\' -> line.append('\\').append(c);
        case '\n' -> line.append("\\n");
        case '\t' -> line.append("\\t");
        default -> {
          if (c >= FIRST_PRINTABLE && c <= LAST_PRINTABLE) {
            line.append(c);
          } else {
            line.append("\\u%04x".formatted((int) c));
          }
        }
      }
    }
    line.append(length < value.length() ? "...\"" : "\"");
  }
}
