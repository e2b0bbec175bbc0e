package io.entrepot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Checks the default of every setting, and one value from every source. */
class SettingsFromSourcesTest {
  @TempDir Path folder;

  static Stream<SettingCase> cases() {
    return Stream.of(
            ServerCases.ALL,
            ProxyCases.ALL,
            AccessCases.ALL,
            ClusterCases.ALL,
            DatabaseCases.ALL,
            BucketCases.all(TlsCases.CERTIFICATE),
            ForeignLoginCases.ALL,
            TlsCases.all(),
            LdapCases.all(TlsCases.CERTIFICATE))
        .flatMap(List::stream);
  }

  static Stream<Arguments> casesBySource() {
    return cases()
        .flatMap(
            each ->
                Stream.of("java:comp/env/", "java:global/", "", "property", "environment", "file")
                    .map(source -> arguments(each, source)));
  }

  @Test
  void casesCoverEverySetting() {
    Set<String> keys = new HashSet<>(SettingsTable.all().stream().map(Setting::key).toList());
    keys.remove("config");
    assertThat(cases().map(SettingCase::key)).containsExactlyInAnyOrderElementsOf(keys);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void hasItsDefault(SettingCase each) {
    assertThat(each.read().apply(new GivenSources().read())).isEqualTo(each.byDefault());
  }

  @ParameterizedTest
  @MethodSource("casesBySource")
  void isReadFrom(SettingCase each, String source) {
    GivenSources sources = new GivenSources().file(folder, each.beside());
    String environmentName = "ENTREPOT_" + each.key().toUpperCase(Locale.ROOT).replace('.', '_');
    switch (source) {
      case "file" -> sources.file(folder, each.beside() + each.key() + ": '" + each.text() + "'\n");
      case "property" -> sources.property("entrepot." + each.key(), each.text());
      case "environment" -> sources.environment(environmentName, each.text());
      default -> sources.bind(source + "entrepot/" + each.key().replace('.', '/'), each.text());
    }
    Settings settings = sources.read();
    assertThat(each.read().apply(settings)).isEqualTo(each.expected());
    assertThat(settings.warnings()).isEmpty();
  }

  @Test
  void nothingGivenWarnsOfNothing() {
    assertThat(new GivenSources().read().warnings()).isEmpty();
  }
}
