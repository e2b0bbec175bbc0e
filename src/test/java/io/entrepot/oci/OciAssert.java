package io.entrepot.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** The assertion that untrusted text is refused with the right error. */
final class OciAssert {
  private OciAssert() {}

  static AbstractThrowableAssert<?, OciException> assertRefused(
      OciError error, ThrowingCallable parsing) {
    OciException thrown = catchThrowableOfType(OciException.class, parsing);
    assertThat(thrown).as("refusal").isNotNull();
    assertThat(thrown.error()).as(thrown.getMessage()).isEqualTo(error);
    assertThat(thrown.getMessage()).hasSizeLessThan(400).matches("\\P{Cntrl}*");
    return assertThat(thrown);
  }
}
