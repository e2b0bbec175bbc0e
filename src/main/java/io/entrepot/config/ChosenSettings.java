package io.entrepot.config;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The settings as people see them: each with its value and its source, and without secrets. A URL
 * has none: a user name or a query in it is refused.
 */
final class ChosenSettings {
  private static final String HIDDEN = "***";

  private ChosenSettings() {}

  /**
   * Lists the settings of the server and of the default upstream, and those that other upstreams
   * and OpenID Connect providers have themselves. What upstreams do not have, they take over from
   * the default one.
   */
  static List<ChosenSetting> of(Givens givens) {
    Stream<ChosenSetting> own =
        SettingsTable.all().stream()
            .map(setting -> chosen(setting, givens).orElseGet(() -> fallback(setting)));
    Stream<ChosenSetting> ofOthers =
        Stream.concat(givens.upstreams().stream().flatMap(Givens::settings), givens.ofProviders())
            .flatMap(setting -> chosen(setting, givens).stream());
    return Stream.concat(own, ofOthers).toList();
  }

  private static Optional<ChosenSetting> chosen(Setting<?> setting, Givens givens) {
    return givens
        .find(setting)
        .map(
            given ->
                new ChosenSetting(
                    setting.key(), isSecret(setting) ? HIDDEN : given.text(), given.source()));
  }

  private static ChosenSetting fallback(Setting<?> setting) {
    return new ChosenSetting(setting.key(), setting.fallback(), "default");
  }

  private static boolean isSecret(Setting<?> setting) {
    return setting.syntax().kind() == Syntax.Kind.SECRET;
  }
}
