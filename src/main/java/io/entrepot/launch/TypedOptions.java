package io.entrepot.launch;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes messages about settings name the option that a person typed. The application knows only the
 * settings: its messages begin with the key, or name the system property that the launcher has set.
 *
 * @param typed what was typed for each key, such as {@code --addr} for {@code http.addr}
 */
record TypedOptions(Map<String, String> typed) {
  /** Begins the name of the system property of a setting. */
  static final String PROPERTY_PREFIX = "entrepot.";

  /** Characters of a key. Others end it. */
  private static final String NO_KEY = "(?![A-Za-z0-9_-]|\\.[A-Za-z0-9])";

  /** Puts the options in place of the keys and of the system properties. */
  String in(String message) {
    String named = message;
    for (Map.Entry<String, String> each : typed.entrySet()) {
      named = named(named, each.getKey(), Matcher.quoteReplacement(each.getValue()));
    }
    return named;
  }

  private static String named(String message, String key, String option) {
    String property = "system property " + PROPERTY_PREFIX + key;
    String named =
        message
            .replaceAll("(?m)^" + Pattern.quote(key + ": " + property) + NO_KEY, option)
            .replaceAll(Pattern.quote(property) + NO_KEY, option);
    if (option.contains(" ")) {
      return named; // --set KEY: the key itself was typed
    }
    named = named.replaceAll("(?m)^" + Pattern.quote(key) + "(?=: )", option);
    return key.indexOf('.') < 0
        ? named // a plain word, such as config
        : named.replaceAll("(?<![A-Za-z0-9._/-])" + Pattern.quote(key) + NO_KEY, option);
  }
}
