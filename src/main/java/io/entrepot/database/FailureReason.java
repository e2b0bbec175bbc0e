package io.entrepot.database;

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Says in a few words why a database cannot be used. The text has no message of a driver or of a
 * pool, since that may contain a password.
 */
public final class FailureReason {
  /** What the first two characters of an SQL state mean (ISO 9075), as far as they help here. */
  private static final Map<String, String> MEANINGS =
      Map.of(
          "08", "no connection to the database",
          "28", "the database refuses the user or the password",
          "3D", "there is no such database",
          "53", "the database has no room for another connection",
          "57", "the database is stopping or starting");

  private FailureReason() {}

  /** The class of a failure, and what its causes say. */
  public static String of(Throwable failure) {
    String causes = ofCauses(failure);
    return failure.getClass().getName() + (causes.isEmpty() ? "" : ", " + causes);
  }

  /** What a failure and its causes say besides the class of the failure; empty if nothing. */
  public static String ofCauses(Throwable failure) {
    List<Throwable> causes = Dialect.causes(failure).toList();
    Throwable last = causes.get(causes.size() - 1);
    List<String> parts = new ArrayList<>();
    for (Throwable cause : causes) {
      if (cause instanceof SQLException e && e.getSQLState() != null) {
        add(parts, state(e.getSQLState()));
      } else if (cause instanceof IOException || cause instanceof ClassNotFoundException) {
        // Of these the message is a host, a file or a class.
        add(parts, cause.toString());
      } else if (cause == last && cause != failure) {
        add(parts, cause.getClass().getName());
      }
    }
    return String.join(", ", parts);
  }

  private static String state(String state) {
    String meaning = MEANINGS.get(state.substring(0, Math.min(2, state.length())));
    return "SQL state " + state + (meaning == null ? "" : ": " + meaning);
  }

  private static void add(List<String> parts, String part) {
    if (!parts.contains(part)) {
      parts.add(part);
    }
  }
}
