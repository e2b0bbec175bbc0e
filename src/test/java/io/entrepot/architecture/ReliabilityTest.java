package io.entrepot.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * docs/reliability.md keeps its word: each promise names tests that there are, and one cites it.
 */
class ReliabilityTest {
  private static final Pattern ROW = Pattern.compile("(?m)^\\| ([FS]\\d+) \\| .* \\| (.*) \\|$");
  private static final Pattern TEST = Pattern.compile("`(\\w+(?:Test|IT)|[a-z]+(?:_[a-z]+){4,})`");

  private final List<MatchResult> rows =
      ROW.matcher(read(Path.of("docs/reliability.md"))).results().toList();
  private final String tests = allTests();

  @Test
  void everyFaultHasARow() {
    assertThat(rows)
        .extracting(row -> row.group(1))
        .containsAll(IntStream.rangeClosed(1, 23).mapToObj(n -> "F" + n).toList());
  }

  @Test
  void everyTestThatIsNamedExists() {
    for (MatchResult row : rows) {
      List<String> named = TEST.matcher(row.group(2)).results().map(m -> m.group(1)).toList();
      assertThat(named).as(row.group(1)).isNotEmpty();
      assertThat(named)
          .as(row.group(1))
          .allMatch(
              name -> tests.contains("class " + name + " ") || tests.contains("def " + name + "("));
    }
  }

  @Test
  void everyRowIsCitedByATest() {
    assertThat(rows)
        .extracting(row -> row.group(1))
        .allMatch(number -> Pattern.compile("\\b" + number + "\\b").matcher(tests).find());
  }

  private static String allTests() {
    try (Stream<Path> files = Files.walk(Path.of("src/test"))) {
      return files
          .filter(file -> file.toString().matches(".*\\.(java|py)"))
          .filter(file -> !file.endsWith("ReliabilityTest.java"))
          .map(ReliabilityTest::read)
          .collect(Collectors.joining());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
