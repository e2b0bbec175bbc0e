package io.entrepot.launch;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.temporal.ChronoUnit;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;
import java.util.regex.Pattern;

/**
 * Formats a log record as one line: time, level, logger, message. A stack trace follows below the
 * line.
 */
public final class LineFormatter extends Formatter {
  /** Control characters. A client may put a line break into a message to forge a second record. */
  private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}+");

  private static final int LEVEL_WIDTH = 7;
  private static final int USUAL_LENGTH = 300;

  /** Called by {@code java.util.logging}, which finds the class by its name. */
  public LineFormatter() {}

  @Override
  public String format(LogRecord record) {
    StringBuilder line = new StringBuilder(USUAL_LENGTH);
    line.append(record.getInstant().truncatedTo(ChronoUnit.MILLIS)).append(' ');
    String level = record.getLevel().getName();
    line.append(level).append(" ".repeat(Math.max(1, LEVEL_WIDTH + 1 - level.length())));
    line.append(record.getLoggerName()).append(' ');
    String message = formatMessage(record);
    boolean plain = message.chars().noneMatch(Character::isISOControl);
    line.append((plain ? message : CONTROL.matcher(message).replaceAll(" ")).strip());
    return line.append(System.lineSeparator()).append(trace(record.getThrown())).toString();
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
