package io.entrepot.config;

import java.time.Duration;
import java.util.function.Function;

/**
 * A case of {@link SettingsFromSourcesTest}: one setting.
 *
 * @param read reads the value from the settings
 * @param byDefault the value if the setting is not given
 * @param expected the value if {@code text} is given
 * @param beside other settings that this one needs, as lines of YAML
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
