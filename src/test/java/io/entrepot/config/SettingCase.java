package io.entrepot.config;

import java.time.Duration;
import java.util.function.Function;

/**
 * One setting, for {@link SettingsFromSourcesTest}.
 *
 * @param read what became of it
 * @param byDefault what it is where nothing is given
 * @param expected what it is where {@code text} is given
 * @param beside other settings without which this one makes no sense, as lines of YAML
 */
record SettingCase(
    String key,
    String text,
    Function<Settings, Object> read,
    Object byDefault,
    Object expected,
    String beside) {

  SettingCase(
      String key, String text, Function<Settings, Object> read, Object byDefault, Object expected) {
    this(key, text, read, byDefault, expected, "");
  }

  static SettingCase duration(String key, Function<Settings, Object> read, Duration byDefault) {
    return duration(key, read, byDefault, "");
  }

  static SettingCase duration(
      String key, Function<Settings, Object> read, Duration byDefault, String beside) {
    return new SettingCase(key, "1m30s", read, byDefault, Duration.ofSeconds(90), beside);
  }

  @Override
  public String toString() {
    return key;
  }
}
