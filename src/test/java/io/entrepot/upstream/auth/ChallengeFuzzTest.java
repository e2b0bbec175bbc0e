package io.entrepot.upstream.auth;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.entrepot.oci.UnusableJsonException;
import java.net.URLDecoder;
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

  /** A realm never asks for a scope that is not ours (S40). */
  @FuzzTest
  void demands(byte[] data) {
    Demand demand = Demand.read(Challenge.parse(new String(data, ISO_8859_1).lines().toList()));
    if (demand instanceof Demand.Bearer bearer) {
      assertThat(bearer.service()).hasSizeLessThanOrEqualTo(Demand.MAX_PARAMETER);
      assertThat(bearer.weight()).isPositive();
      String query = bearer.realm().getRawQuery();
      for (String parameter : query == null ? new String[0] : query.split("[&;]", -1)) {
        assertThat(URLDecoder.decode(parameter, UTF_8)).doesNotStartWith("scope");
      }
    }
  }

  @FuzzTest
  void tokens(byte[] data) {
    String error = TokenBody.error(data);
    try {
      TokenBody body = TokenBody.read(data);
      assertThat(body.seconds()).isNotNegative();
      assertThat(body.token().length() + error.length()).isLessThanOrEqualTo(data.length);
    } catch (UnusableJsonException e) {
      assertThat(e.getMessage()).isNotBlank();
      assertThat(error).isEmpty();
    }
  }
}
