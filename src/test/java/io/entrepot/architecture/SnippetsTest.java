package io.entrepot.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Checks that snippets in the documentation are excerpts of the files that the integration tests
 * install.
 */
class SnippetsTest {
  private static final Pattern SNIPPET =
      Pattern.compile("<!-- from (\\S+) -->\\s*```\\w+\\n(.*?)```", Pattern.DOTALL);

  private static final Pattern PROPERTY = Pattern.compile("\\$\\{(tomcat\\.[a-z.]+):-");

  @ParameterizedTest
  @CsvSource({"README.md, 2", "docs/servers.md, 10"})
  void snippetStandsInItsFile(String document, int count) throws IOException {
    var snippets = SNIPPET.matcher(Files.readString(Path.of(document))).results().toList();

    assertThat(snippets).hasSize(count);
    for (MatchResult snippet : snippets) {
      var file = Path.of(snippet.group(1));
      assertThat(flush(Files.readString(file)))
          .as(file.toString())
          .contains(flush(snippet.group(2)));
    }
  }

  /** A database that accepts connections and never answers must not hold a server's start (F35). */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "docs/servers/liberty/server.xml",
        "docs/servers/tomcat/context.xml",
        "docs/servers/wildfly/entrepot.yml",
        "jetty-conf/database/etc/entrepot-database.xml",
        "tomcat-conf/Catalina/localhost/ROOT.xml"
      })
  void databasesHaveTimeLimitsAndTomcatsConnectAtFirstUse(String file) throws IOException {
    String text = Files.readString(Path.of(file));
    assertThat(text)
        .containsPattern("jdbc:postgresql://[^\"\\s}]*\\?loginTimeout=5&(?:amp;)?socketTimeout=60");
    if (text.contains("org.apache.tomcat.jdbc.pool")) {
      assertThat(text).contains("initialSize=\"0\"");
    }
  }

  @Test
  void everyPropertyOfTomcatsFilesIsListed() throws IOException {
    var server = Files.readString(Path.of("tomcat-conf/server.xml"));
    var context = Files.readString(Path.of("tomcat-conf/Catalina/localhost/ROOT.xml"));
    var header = server.substring(0, server.indexOf("-->"));
    var readme = Files.readString(Path.of("tomcat-conf/README.md"));

    assertThat(properties(server))
        .isNotEmpty()
        .allSatisfy(property -> assertThat(header).containsPattern("-D" + property + "\\b"));
    assertThat(properties(server + context))
        .allSatisfy(property -> assertThat(readme).contains("`" + property + "`"));
  }

  private static Set<String> properties(String text) {
    return PROPERTY.matcher(text).results().map(m -> m.group(1)).collect(Collectors.toSet());
  }

  /** Without indentation, which depends on where an excerpt stood. */
  private static String flush(String text) {
    return text.lines().map(String::strip).collect(Collectors.joining("\n"));
  }
}
