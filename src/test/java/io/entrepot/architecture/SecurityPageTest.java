package io.entrepot.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Checks docs/security.md: what it names exists, and it names each attack and each threat. */
class SecurityPageTest {
  private static final Pattern ATTACK = Pattern.compile("(?m)^@attack\\(.*\\n(?:def (\\w+)\\()");
  private static final Pattern NAMED = Pattern.compile("`(\\w+(?:Test|IT)|[a-z]+(?:_[a-z]+){3,})`");

  private static final int LAST = 41;

  private final String page = read(Path.of("docs/security.md"));

  @Test
  void everyTestAndAttackThatIsNamedExists() {
    Set<String> known =
        Stream.concat(attacks().stream(), javaClasses().stream()).collect(Collectors.toSet());
    assertThat(NAMED.matcher(page).results().map(named -> named.group(1)).toList())
        .isNotEmpty()
        .isSubsetOf(known);
  }

  @Test
  void everyAttackIsNamed() {
    assertThat(attacks()).isNotEmpty().allMatch(attack -> page.contains("`" + attack + "`"));
  }

  @Test
  void everyThreatIsNamed() {
    assertThat(IntStream.rangeClosed(1, LAST))
        .allMatch(number -> Pattern.compile("\\bS" + number + "\\b").matcher(page).find());
  }

  private static List<String> attacks() {
    return files("src/test/attacks", ".py")
        .flatMap(file -> ATTACK.matcher(read(file)).results())
        .map(attack -> attack.group(1))
        .toList();
  }

  private static List<String> javaClasses() {
    return files("src/test/java", ".java")
        .map(file -> file.getFileName().toString().replace(".java", ""))
        .toList();
  }

  private static Stream<Path> files(String folder, String end) {
    try (Stream<Path> files = Files.walk(Path.of(folder))) {
      return files.filter(file -> file.toString().endsWith(end)).toList().stream();
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
