package io.entrepot.expiry.quartz;

import java.text.ParseException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.TimeZone;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.quartz.CronExpression;

/**
 * When something is done again and again, as cron writes it: minute, hour, day of the month, month,
 * day of the week. Immutable.
 *
 * @param fields the five fields
 * @param zone the time zone that they are in
 */
public record CronTime(List<String> fields, ZoneId zone) {
  /** How many fields there are. */
  public static final int FIELDS = 5;

  private static final Set<String> ANY = Set.of("*", "?");

  private static final List<String> DAYS =
      List.of("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN");

  /** A day of the week as a number; not a step ({@code /2}) and not a count ({@code #2}). */
  private static final Pattern DAY = Pattern.compile("(?<![/#\\d])[0-7](?!\\d)");

  public CronTime {
    fields = List.copyOf(fields);
  }

  /**
   * Reads the fields, in the time zone of this machine.
   *
   * @param fields as many as {@link #FIELDS}
   * @throws IllegalArgumentException with a hint, if they are no time
   */
  public static CronTime parse(List<String> fields) {
    CronTime time = new CronTime(fields, ZoneId.systemDefault());
    try {
      if (time.after(Instant.now()).isBefore(Instant.MAX)) {
        return time;
      }
    } catch (ParseException e) {
      throw new IllegalArgumentException(
          "minute, hour, day of the month, month and day of the week are wrong: " + e.getMessage(),
          e);
    }
    throw new IllegalArgumentException("this time never comes");
  }

  private Instant after(Instant time) throws ParseException {
    CronExpression expression = new CronExpression(ofQuartz());
    expression.setTimeZone(TimeZone.getTimeZone(zone));
    Date next = expression.getNextValidTimeAfter(Date.from(time));
    return next == null ? Instant.MAX : next.toInstant();
  }

  /** The next time after another. */
  public Instant next(Instant time) {
    try {
      return after(time);
    } catch (ParseException e) {
      throw new IllegalStateException(e); // parse has tried it
    }
  }

  /** As Quartz writes it: with seconds, one kind of days only, and names for days of the week. */
  private String ofQuartz() throws ParseException {
    String ofMonth = fields.get(2);
    String ofWeek = DAY.matcher(fields.get(4)).replaceAll(CronTime::dayName);
    if (ANY.contains(ofWeek)) {
      ofWeek = "?";
      ofMonth = ofMonth.equals("?") ? "*" : ofMonth;
    } else if (ANY.contains(ofMonth)) {
      ofMonth = "?";
    } else {
      throw new ParseException(
          "give a day of the month or a day of the week, and * for the other", 0);
    }
    return String.join(" ", "0", fields.get(0), fields.get(1), ofMonth, fields.get(3), ofWeek);
  }

  private static String dayName(MatchResult day) {
    return DAYS.get(Integer.parseInt(day.group()));
  }
}
