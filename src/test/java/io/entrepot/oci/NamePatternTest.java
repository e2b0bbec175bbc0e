package io.entrepot.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NamePatternTest {
  @ParameterizedTest
  @CsvSource({
    "v*.*.*, v1.2.3, true",
    "v*.*.*, v1.2, false",
    "latest, latest, true",
    "latest, Latest, false",
    "library/*, library/a/b, true",
    "library/*, library, false",
    "*, anything, true",
    "?, a, true",
    "?, ab, false",
    "a*b*c, abcbc, true",
    "a*b*c, abcb, false",
    "a**b, ab, true",
    "a.b, axb, false"
  })
  void globMatchesWholeNames(String pattern, String name, boolean matches) {
    assertThat(new NamePattern(pattern).matches(name)).isEqualTo(matches);
  }

  @Property
  void starsAndQuestionMarksAreThoseOfARegularExpression(
      @ForAll @StringLength(min = 1, max = 9) @Chars({'a', 'b', '*', '?', '.'}) String pattern,
      @ForAll @StringLength(max = 9) @Chars({'a', 'b', '.'}) String name) {
    String regex = pattern.replace(".", "\\.").replace("*", ".*").replace("?", ".");
    assertThat(new NamePattern(pattern).matches(name)).isEqualTo(Pattern.matches(regex, name));
  }

  @Property
  void nameWithSomeLettersReplacedIsAPatternThatMatchesIt(
      @ForAll("repositories") String name, @ForAll("masks") String mask) {
    StringBuilder pattern = new StringBuilder(name);
    for (int i = 0; i < name.length(); i++) {
      char c = mask.charAt(i % mask.length());
      if (c != '-') {
        pattern.setCharAt(i, c);
      }
    }
    assertThat(NamePattern.parseForRepositories(pattern.toString()).matches(name)).isTrue();
  }

  @Provide
  Arbitrary<String> repositories() {
    return Arbitraries.strings()
        .withChars("ab0._-/")
        .ofMinLength(1)
        .ofMaxLength(12)
        .filter(NamePatternTest::isRepository);
  }

  @Provide
  Arbitrary<String> masks() {
    return Arbitraries.strings().withChars("-*?").ofMinLength(1).ofMaxLength(12);
  }

  private static boolean isRepository(String text) {
    try {
      RepositoryName.parse(text);
      return true;
    } catch (OciException e) {
      return false;
    }
  }

  @Test
  @Timeout(60) // a matcher that tries all ways would need years
  void manyStarsTakeNoLongerThanBothLengthsTogether() {
    NamePattern glob = new NamePattern("*a".repeat(120) + "*b");
    String name = "a".repeat(255);
    for (int i = 0; i < 1000; i++) {
      assertThat(glob.matches(name)).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Library/*", "/*", "*/", "a//*", "a b", "*:latest", "a..?", "é*"})
  void patternThatNoRepositoryCanMatchIsRefused(String text) {
    assertThatThrownBy(() -> NamePattern.parseForRepositories(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("no repository name can match it");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".*", "-?", "a/*", "v1.2.3+*", "a:b"})
  void patternThatNoTagCanMatchIsRefused(String text) {
    assertThatThrownBy(() -> NamePattern.parseForTags(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("no tag can match it");
  }

  @Test
  void patternIsReadAsItStands() {
    assertThat(NamePattern.parseForTags("v*.?"))
        .hasToString("v*.?")
        .isEqualTo(new NamePattern("v*.?"));
    assertThat(NamePattern.parseForRepositories("ghcr.io/*")).hasToString("ghcr.io/*");
    assertThatThrownBy(() -> NamePattern.parseForRepositories("*".repeat(256)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
