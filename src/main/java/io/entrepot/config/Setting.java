package io.entrepot.config;

import java.util.Locale;
import java.util.Optional;

/**
 * One setting: its key, what its value may be and what it does.
 *
 * @param key lower case, with dots, as in {@code config.yml}
 * @param syntax what its text may be
 * @param fallback the default, as text; empty for none
 * @param meaning a few sentences for people, in Markdown
 */
record Setting<T>(String key, Syntax<T> syntax, String fallback, String meaning) {
  /** Begins the names of all system properties that are settings. */
  static final String PROPERTY_PREFIX = "entrepot.";

  /** Begins the names of all environment variables that are settings. */
  static final String ENVIRONMENT_PREFIX = "ENTREPOT_";

  /** Reads {@code given}, or reports it and has nothing. */
  Optional<T> parse(Given given, Findings findings) {
    try {
      return Optional.of(syntax.parser().apply(given.text()));
    } catch (IllegalArgumentException e) {
      findings.badValue(this, given, e.getMessage() == null ? "" : e.getMessage());
      return Optional.empty();
    }
  }

  String propertyName() {
    return PROPERTY_PREFIX + key;
  }

  String environmentName() {
    return ENVIRONMENT_PREFIX + key.replace('.', '_').toUpperCase(Locale.ROOT);
  }

  String jndiName() {
    return "entrepot/" + key.replace('.', '/');
  }
}
