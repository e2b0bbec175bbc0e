package io.entrepot.oci;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The caches that a request came through. */
class ViaTest {
  private static final String ONE = "entrepot-0123456789abcdef";
  private static final String TWO = "entrepot-fedcba9876543210";

  @Test
  void cachesOfSeveralFieldsAreReadInOrder() {
    assertThat(Via.parse(List.of("1.1 " + ONE, "1.0 fred, 1.1 " + TWO + " (us)")).caches())
        .containsExactly(ONE, TWO);
  }

  @Test
  void otherNamesAreNotPassedOn() {
    assertThat(
            Via.parse(
                List.of(
                    "1.1 proxy.corp.example:3128, HTTP/2 x", "1.1 entrepot-1", "1.1 " + ONE + "0")))
        .isEqualTo(Via.NONE);
    assertThat(Via.parse(List.of()).header()).isEmpty();
  }

  @Test
  void headerIsReadBackAsItWas() {
    Via via = Via.NONE.with(ONE).with(Via.newName(new SecureRandom()));
    assertThat(Via.parse(List.of(via.header()))).isEqualTo(via);
    assertThat(Via.NONE.with(ONE).with(TWO).header()).isEqualTo("1.1 " + ONE + ", 1.1 " + TWO);
  }
}
