package io.entrepot.config;

import io.entrepot.oci.Quoted;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** The problems and warnings found while the settings are read. Problems prevent the start. */
final class Findings {
  private static final int LONGEST_QUOTE = 120;
  private static final Pattern USER_INFO = Pattern.compile("^.*@", Pattern.DOTALL);
  private static final Pattern QUERY = Pattern.compile("\\?.*", Pattern.DOTALL);

  private final List<String> problems = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();

  void problem(String key, String text) {
    problems.add(plain(key) + ": " + text);
  }

  /** Reports a value that is not valid for its setting; {@code hint} may be empty. */
  void badValue(Setting<?> setting, Given given, String hint) {
    String value = setting.syntax().kind() == Syntax.Kind.SECRET ? "***" : quote(given.text());
    problem(
        setting.key(),
        "%s is %s; expected %s%s"
            .formatted(
                given.source(),
                value,
                setting.syntax().expected(),
                hint.isEmpty() ? "" : " (" + hint + ")"));
  }

  void warning(String text) {
    warnings.add(text);
  }

  List<String> warnings() {
    return List.copyOf(warnings);
  }

  void throwIfAnyProblem() {
    if (!problems.isEmpty()) {
      throw new ConfigurationException(problems);
    }
  }

  /**
   * Quotes a value on one line. User information and query of a URL are replaced, because they may
   * contain credentials.
   */
  static String quote(String value) {
    String shown = QUERY.matcher(USER_INFO.matcher(value).replaceAll("***@")).replaceAll("?***");
    return Quoted.of(shown, LONGEST_QUOTE);
  }

  /** Makes untrusted text safe for one line of a log. */
  static String plain(String text) {
    return Quoted.plain(text, LONGEST_QUOTE);
  }
}
