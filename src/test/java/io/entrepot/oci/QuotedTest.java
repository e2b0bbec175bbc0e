package io.entrepot.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Untrusted text in messages (S11), and small values of this package. */
class QuotedTest {
  @Test
  void controlsQuotesAndInvisibleMarksAreReplaced() {
    assertThat(Quoted.of("plain é text")).isEqualTo("\"plain é text\"");
    assertThat(Quoted.of("a\r\nb\t\"c\u001b\u0085\u202e\u2028\ud83d"))
        .isEqualTo("\"a??b??c?????\"");
  }

  @Test
  void longTextIsCut() {
    assertThat(Quoted.of("x".repeat(96))).isEqualTo("\"" + "x".repeat(96) + "\"");
    assertThat(Quoted.of("x".repeat(97))).isEqualTo("\"" + "x".repeat(96) + "…\"");
  }

  @Property
  void everyTextBecomesOneShortLine(@ForAll String text) {
    assertThat(Quoted.of(text))
        .hasSizeLessThanOrEqualTo(99)
        .startsWith("\"")
        .endsWith("\"")
        .matches("\"[^\"\\p{Cntrl}\\p{Cf}\\p{Zl}\\p{Zp}]*\"");
  }

  @Test
  void failureKeepsItsWait() {
    Duration wait = Duration.ofSeconds(3);

    assertThat(new OciException(OciError.TOO_MANY_REQUESTS, "x", wait, null).retryAfter())
        .hasValue(wait);
    assertThat(new OciException(OciError.DENIED, "x").retryAfter()).isEmpty();
  }

  @Test
  void everyErrorHasACodeAndAStatus() {
    for (OciError error : OciError.values()) {
      assertThat(error.code()).matches("[A-Z_]+");
      assertThat(error.status()).isBetween(400, 504);
    }
  }

  @Test
  void costCountsRequests() {
    Cost cost = new Cost();
    cost.addRequest();
    cost.addRequest();

    assertThat(cost.requests()).isEqualTo(2);
    assertThatThrownBy(() -> new Descriptor("x", Digest.of("sha256:" + "0".repeat(64)), -1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
