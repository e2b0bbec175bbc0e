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
 * Checks docs/reliability.md: each promise names tests that exist, and one of them cites the
 * promise.
 */
class ReliabilityTest {
  private static final Path PAGE = Path.of("docs/reliability.md");

  /** An item of a list: the number, the text, and then the tests. */
  private static final Pattern ENTRY =
      Pattern.compile(
          "(?m)^- \\*\\*([FS]\\d+)\\*\\* .*\\n(?:  (?!Tests: ).*\\n)*  Tests: ((?:.*\\n)(?:  .*\\n)*)");

  private static final Pattern TEST = Pattern.compile("`(\\w+(?:Test|IT)|[a-z]+(?:_[a-z]+){4,})`");

  private final List<MatchResult> entries = ENTRY.matcher(read(PAGE)).results().toList();
  private final String tests = allTests();

  @Test
  void noEntryIsWithoutTests() {
    assertThat(Pattern.compile("(?m)^- \\*\\*[FS]\\d").matcher(read(PAGE)).results())
        .hasSameSizeAs(entries);
  }

  @Test
  void everyFaultHasAnEntry() {
    assertThat(entries)
        .extracting(entry -> entry.group(1))
        .containsAll(IntStream.rangeClosed(1, 33).mapToObj(n -> "F" + n).toList());
  }

  @Test
  void everyTestThatIsNamedExists() {
    for (MatchResult entry : entries) {
      List<String> named = TEST.matcher(entry.group(2)).results().map(m -> m.group(1)).toList();
      assertThat(named).as(entry.group(1)).isNotEmpty();
      assertThat(named)
          .as(entry.group(1))
          .allMatch(
              name -> tests.contains("class " + name + " ") || tests.contains("def " + name + "("));
    }
  }

  @Test
  void everyEntryIsCitedByATest() {
    assertThat(entries)
        .extracting(entry -> entry.group(1))
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
