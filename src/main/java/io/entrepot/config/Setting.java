package io.entrepot.config;

import java.util.Locale;
import java.util.Optional;

/**
 * The definition of a setting.
 *
 * @param key the key as in {@code config.yml}: lower case, with dots
 * @param syntax the allowed values
 * @param fallback the default value as text; empty for none
 * @param meaning the description for people, in Markdown
 */
record Setting<T>(String key, Syntax<T> syntax, String fallback, String meaning) {
  /** The prefix of the system properties that are settings. */
  static final String PROPERTY_PREFIX = "entrepot.";

  /** The prefix of the environment variables that are settings. */
  static final String ENVIRONMENT_PREFIX = "ENTREPOT_";

  /** The name below which JNDI has the settings. */
  static final String JNDI_ROOT = "entrepot";

  /** Parses a given value. If it is not valid, reports it and returns empty. */
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
    return JNDI_ROOT + "/" + key.replace('.', '/');
  }
}
