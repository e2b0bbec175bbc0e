package io.entrepot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlannedPrefetchTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 3 * * app:1 | as in 0 3 * * * ghcr.io/acme/*:v*",
        "0 25 * * * app:1 | Hour values must be between 0 and 23",
        "0 3 1 * 1 app:1 | a day of the month or a day of the week",
        "0 3 30 2 * app:1 | this time never comes",
        "0 3 * * 8 app:1 | Day-of-Week values must be between 1 and 7",
        "0 3 * * nul app:1 | day of the week are wrong",
        "0 3 * * * App:1 | no repository name can match it",
        "0 3 * * * app:.1 | no tag can match it",
        "0 3 * * * app:1 amd64 | platforms such as linux/amd64",
        "0 3 * * * app:1 referrers linux/amd64 | and referrers last",
        "0 3 * * * app@sha256:1 | no repository name can match it",
      })
  void wrongPlanIsToldWhatIsWrong(String text, String hint) {
    assertThatThrownBy(() -> PlannedPrefetch.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(hint);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 3 * * * a:1, 5 4 * * * b:2 | [0 3 * * * a:1; 5 4 * * * b:2]",
        "0,15,30 3,4 1,2 1,6 * a:1 linux/amd64,0 3 * * 1,2 b:* | [0,15,30 3,4 1,2 1,6 * a:1 linux/amd64; 0 3 * * 1,2 b:*]",
        "0 3, 4 * * | [0 3, 4 * *]",
        "' , ' | []",
      })
  void commasOfATimeDoNotEndAPlan(String text, String items) {
    assertThat("[" + String.join("; ", PlannedPrefetch.items(text)) + "]").isEqualTo(items);
  }
}
