package io.entrepot.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.entrepot.fixture.HeldFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * docs/config.schema.json describes config.yml for editors (JSON Schema, 2020-12). With {@code
 * -Dsettings.write} the file is written instead of compared.
 */
class ConfigSchemaTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HeldFile FILE =
      new HeldFile(Path.of("docs/config.schema.json"), "settings.write");

  /** It names the file, so it cannot be in it. */
  private static final Set<String> ELSEWHERE = Set.of("config");

  private static final String PROVIDER = "auth.oidc.NAME.";
  private static final String UPSTREAM = "upstreams.n.";

  @Test
  void schemaHasEverySettingOfTheTable() throws IOException {
    FILE.hold(ConfigSchemaTest.class, schema());
  }

  private static ObjectNode schema() {
    ObjectNode schema =
        JSON.createObjectNode()
            .put("$schema", "https://json-schema.org/draft/2020-12/schema")
            .put("title", "config.yml of Entrepot")
            .put(
                "description",
                "Keys of docker-registry that Entrepot does not need may also stand in it.");
    section(schema);
    Stream.concat(SettingsTable.all().stream(), Stream.of(OidcTable.NAMES))
        .distinct()
        .filter(setting -> !ELSEWHERE.contains(setting.key()))
        .filter(setting -> !OidcTable.isTemplate(setting))
        .forEach(setting -> put(schema, setting.key(), setting));
    put(schema, OidcTable.of("NAME").stream(), PROVIDER);
    put(schema, Givens.settings("n"), UPSTREAM);
    return schema;
  }

  /** Puts settings of which there is a group for each name that a person chooses. */
  private static void put(ObjectNode schema, Stream<Setting<?>> settings, String prefix) {
    List<String> sections = List.of(prefix.split("\\.", -1));
    ObjectNode parent = schema;
    for (String name : sections.subList(0, sections.size() - 2)) {
      parent = below(parent, name);
    }
    ObjectNode each = section(parent.putObject("additionalProperties"));
    settings.forEach(
        setting -> {
          assertThat(setting.key()).startsWith(prefix);
          put(each, setting.key().substring(prefix.length()), setting);
        });
  }

  private static void put(ObjectNode schema, String key, Setting<?> setting) {
    List<String> names = Arrays.asList(key.split("\\.", -1));
    ObjectNode parent = schema;
    for (String name : names.subList(0, names.size() - 1)) {
      parent = below(parent, name);
    }
    ObjectNode value = JSON.createObjectNode();
    if (setting.syntax().kind() == Syntax.Kind.LIST) {
      value.putArray("type").add("string").add("number").add("boolean").add("array").add("null");
    } else {
      value.putArray("type").add("string").add("number").add("boolean").add("null");
    }
    value.put("description", setting.meaning() + " Expected: " + setting.syntax().expected() + ".");
    if (!setting.fallback().isEmpty()) {
      value.put("default", setting.fallback());
    }
    properties(parent).set(names.get(names.size() - 1), value);
  }

  private static ObjectNode below(ObjectNode parent, String name) {
    ObjectNode properties = properties(parent);
    return properties.has(name)
        ? (ObjectNode) properties.get(name)
        : section(properties.putObject(name));
  }

  private static ObjectNode properties(ObjectNode parent) {
    return (ObjectNode) parent.get("properties");
  }

  private static ObjectNode section(ObjectNode node) {
    node.putArray("type").add("object").add("null");
    node.putObject("properties");
    return node;
  }
}
