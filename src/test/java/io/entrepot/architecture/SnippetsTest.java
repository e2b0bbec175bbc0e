package io.entrepot.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Snippets in the documentation are excerpts of the files that the integration tests install. */
class SnippetsTest {
  private static final Pattern SNIPPET =
      Pattern.compile("<!-- from (\\S+) -->\\s*```\\w+\\n(.*?)```", Pattern.DOTALL);

  @ParameterizedTest
  @ValueSource(strings = {"README.md", "docs/servers.md"})
  void snippetStandsInItsFile(String document) throws IOException {
    var snippets = SNIPPET.matcher(Files.readString(Path.of(document))).results().toList();

    assertThat(snippets).hasSize(5);
    for (MatchResult snippet : snippets) {
      var file = Path.of(snippet.group(1));
      assertThat(flush(Files.readString(file)))
          .as(file.toString())
          .contains(flush(snippet.group(2)));
    }
  }

  /** Without indentation, which depends on where an excerpt stood. */
  private static String flush(String text) {
    return text.lines().map(String::strip).collect(Collectors.joining("\n"));
  }
}
