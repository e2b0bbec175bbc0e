package io.entrepot.upstream.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The grammar of RFC 9110, 11.6.1. */
class ChallengeTest {
  private static List<Challenge> parse(String... values) {
    return Challenge.parse(List.of(values));
  }

  private static Challenge challenge(String scheme, String... parameters) {
    Map<String, String> map = new java.util.HashMap<>();
    for (int i = 0; i < parameters.length; i += 2) {
      map.put(parameters[i], parameters[i + 1]);
    }
    return new Challenge(scheme, map);
  }

  @Test
  void dockerHubsChallengeIsRead() {
    assertThat(
            parse(
                "Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\","
                    + "scope=\"repository:samalba/my-app:pull,push\""))
        .containsExactly(
            challenge(
                "bearer",
                "realm",
                "https://auth.docker.io/token",
                "service",
                "registry.docker.io",
                "scope",
                "repository:samalba/my-app:pull,push"));
  }

  @Test
  void severalChallengesMayShareAHeader() {
    // The example of the RFC.
    assertThat(
            parse(
                "Basic realm=\"simple\", Newauth realm=\"apps\", type=1, title=\"Login to"
                    + " \\\"apps\\\"\""))
        .containsExactly(
            challenge("basic", "realm", "simple"),
            challenge("newauth", "realm", "apps", "type", "1", "title", "Login to \"apps\""));
  }

  @Test
  void headersAddUp() {
    assertThat(parse("Negotiate", "NTLM TlRMTVNTUAAC==", "Basic realm=x"))
        .containsExactly(
            challenge("negotiate"), challenge("ntlm"), challenge("basic", "realm", "x"));
  }

  @Test
  void token68IsToldFromAParameter() {
    assertThat(parse("Negotiate a87421000492aa874209af8bc028==, Bearer realm=\"r\""))
        .containsExactly(challenge("negotiate"), challenge("bearer", "realm", "r"));
    assertThat(parse("X abc=, Y")).containsExactly(challenge("x"), challenge("y"));
    assertThat(parse("X abc=d, Y")).containsExactly(challenge("x", "abc", "d"), challenge("y"));
  }

  @Test
  void caseAndSpaceDoNotMatter() {
    assertThat(parse(" ,, BEARER  REALM = \"r\" ,\t Service\t=s , ,"))
        .containsExactly(challenge("bearer", "realm", "r", "service", "s"));
  }

  @Test
  void emptyAndEscapedStringsAreValues() {
    assertThat(parse("Bearer realm=\"\", x=\"a\\\\b, c=\\\"d\""))
        .containsExactly(challenge("bearer", "realm", "", "x", "a\\b, c=\"d"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "   ",
        "\"Bearer\"",
        "Bearer realm=\"unterminated",
        "Bearer realm=\"a\\",
        "Bearer realm=",
        "Bearer realm=\"a\" service=\"b\"",
        "Bearer realm=\"a\"garbage",
        "Bearer realm=\"good\", realm=\"evil\"",
        "Bearer realm=\"good\", REALM=\"evil\"",
        "=, Bearer",
        "Bearer realm=https://unquoted/"
      })
  void whatIsNoChallengeIsNone(String value) {
    assertThat(Challenge.find(parse(value), "bearer").map(c -> c.get("realm"))).isEmpty();
  }

  @Test
  void nothingIsBelievedAfterGarbage() {
    assertThat(parse("Basic realm=\"a\", @@@, Bearer realm=\"evil\""))
        .containsExactly(challenge("basic", "realm", "a"));
  }

  @Property
  void neverFails(@ForAll String anything) {
    assertThat(parse(anything)).isNotNull();
  }

  @Property
  void neverFailsNearTheGrammar(
      @ForAll
          @StringLength(max = 60)
          @Chars({'B', ' ', '\t', ',', '=', '"', '\\', '/', '@'})
          @CharRange(from = 'a', to = 'c')
          String near) {
    for (Challenge challenge : parse(near)) {
      assertThat(challenge.scheme()).isNotEmpty().isLowerCase();
      assertThat(challenge.parameters().keySet()).allMatch(name -> !name.isEmpty());
    }
  }

  @Property
  void whatIsWrittenIsRead(@ForAll("challenges") List<Challenge> challenges) {
    String header = challenges.stream().map(ChallengeTest::write).collect(Collectors.joining(", "));

    assertThat(parse(header)).isEqualTo(challenges);
  }

  @Provide
  Arbitrary<List<Challenge>> challenges() {
    Arbitrary<String> names =
        Arbitraries.strings()
            .withCharRange('a', 'z')
            .withChars('0', '9', '-', '!', '~')
            .ofMinLength(1)
            .ofMaxLength(8);
    Arbitrary<String> values =
        Arbitraries.strings().withCharRange(' ', '~').withChars('\t').ofMaxLength(20);
    Arbitrary<Map<String, String>> parameters = Arbitraries.maps(names, values).ofMaxSize(4);
    return net.jqwik.api.Combinators.combine(names, parameters)
        .as(Challenge::new)
        .list()
        .ofMaxSize(4);
  }

  private static String write(Challenge challenge) {
    return challenge.scheme()
        + challenge.parameters().entrySet().stream()
            .map(p -> p.getKey() + "=\"" + p.getValue().replaceAll("([\\\\\"])", "\\\\$1") + "\"")
            .collect(Collectors.joining(", ", " ", ""))
            .stripTrailing();
  }
}
