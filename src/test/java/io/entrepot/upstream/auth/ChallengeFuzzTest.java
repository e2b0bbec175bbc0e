package io.entrepot.upstream.auth;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;

/** Any bytes where an upstream sends challenges, one in each line (S1). */
class ChallengeFuzzTest {
  @FuzzTest
  void challenges(byte[] data) {
    List<String> values = new String(data, ISO_8859_1).lines().toList();
    List<Challenge> challenges = Challenge.parse(values);
    assertThat(challenges).hasSizeLessThanOrEqualTo(data.length);
    for (Challenge challenge : challenges) {
      assertThat(challenge.scheme()).isNotEmpty().doesNotContain(" ", ",", "=", "\"");
      long length =
          challenge.parameters().entrySet().stream()
              .mapToLong(it -> it.getKey().length() + it.getValue().length())
              .sum();
      assertThat(length).isLessThanOrEqualTo(data.length);
      assertThat(Challenge.find(challenges, challenge.scheme())).isPresent();
    }
  }
}
