package io.entrepot.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SettingsTableTest {
  @Test
  void tableHoldsEverySetting() throws IllegalAccessException {
    List<Object> declared = new ArrayList<>();
    for (Class<?> table :
        List.of(
            SettingsTable.class,
            UpstreamTable.class,
            UpstreamTlsTable.class,
            AccessTable.class,
            ClusterTable.class,
            BucketTable.class,
            DatabaseTable.class,
            ForeignLoginTable.class,
            LdapTable.class,
            OidcTable.class,
            UpstreamCredentialsTable.class,
            UpstreamTagsTable.class)) {
      for (Field field : table.getDeclaredFields()) {
        if (field.getType() == Setting.class) {
          Setting<?> setting = (Setting<?>) field.get(null);
          if (!OidcTable.isTemplate(setting)) {
            declared.add(setting);
          }
        }
      }
    }
    assertThat(SettingsTable.all())
        .hasSizeGreaterThan(20)
        .containsExactlyInAnyOrderElementsOf(cast(declared));
  }

  @Test
  void keysAreDistinctAndWrittenAsInDistribution() {
    List<String> keys = SettingsTable.all().stream().map(Setting::key).toList();
    assertThat(keys)
        .doesNotHaveDuplicates()
        .allMatch(key -> key.matches("[a-z]+(\\.[a-z][a-z0-9]*)*"));
  }

  @Test
  void everyDefaultIsAValueOfItsSetting() {
    for (Setting<?> setting : SettingsTable.all()) {
      if (!setting.fallback().isEmpty()) {
        assertThat(setting.syntax().parser().apply(setting.fallback())).isNotNull();
      }
    }
  }

  @Test
  void noSecretHasADefault() {
    assertThat(SettingsTable.all())
        .filteredOn(setting -> setting.syntax().kind() == Syntax.Kind.SECRET)
        .hasSize(7)
        .allMatch(setting -> setting.fallback().isEmpty());
  }

  @Test
  void everyUpstreamHasTheSettingsOfTheDefaultOne() {
    assertThat(UpstreamTable.all())
        .doesNotHaveDuplicates()
        .containsExactlyInAnyOrderElementsOf(
            SettingsTable.all().stream()
                .filter(setting -> setting.key().matches("(proxy|outbound)\\..*"))
                .filter(setting -> !setting.equals(SettingsTable.PROXY_MAXFILLS))
                .toList());
  }

  @Test
  void helpNamesEverySettingItsVariableAndDefault() {
    assertThat(SettingsTable.help())
        .contains("  proxy.ttl  (duration; default 168h)\n      ENTREPOT_PROXY_TTL\n");
    for (Setting<?> setting : SettingsTable.all()) {
      assertThat(SettingsTable.help())
          .contains("  " + setting.key() + "  (", setting.environmentName() + "\n");
    }
  }

  @SuppressWarnings("unchecked")
  private static List<Setting<?>> cast(List<?> settings) {
    return (List<Setting<?>>) settings;
  }

  /** Some servers bind only what the descriptor declares. */
  @Test
  void webXmlDeclaresEverySettingWithoutAValue() throws IOException {
    String webXml = Files.readString(Path.of("src/main/webapp/WEB-INF/web.xml"));
    for (Setting<?> setting : SettingsTable.all()) {
      assertThat(webXml)
          .contains(
              "<env-entry-name>entrepot/" + setting.key().replace('.', '/') + "</env-entry-name>");
    }
    assertThat(webXml.split("<env-entry>", -1)).hasSize(SettingsTable.all().size() + 1);
    assertThat(webXml).doesNotContain("env-entry-value");
  }

  /** Liberty warns of each entry that is declared and bound to nothing. */
  @Test
  void libertyHasAnEmptyValueForEverySetting() throws IOException {
    String bindings = Files.readString(Path.of("src/main/webapp/WEB-INF/ibm-web-bnd.xml"));
    for (Setting<?> setting : SettingsTable.all()) {
      assertThat(bindings).contains("<env-entry name=\"" + setting.jndiName() + "\" value=\"\"/>");
    }
    assertThat(bindings.split("<env-entry ", -1)).hasSize(SettingsTable.all().size() + 1);
  }
}
