package io.entrepot.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The errors that clients get when an upstream fails. */
class ClientErrorsTest {
  @ParameterizedTest
  @CsvSource({
    "NOT_FOUND, MANIFEST_UNKNOWN, false",
    "DENIED, DENIED, false",
    "THROTTLED, TOO_MANY_REQUESTS, true",
    "BUSY, UNAVAILABLE, true",
    "OFFLINE, UPSTREAM_OFFLINE, true",
    "TIMEOUT, UPSTREAM_TIMEOUT, true",
    "UNREACHABLE, UPSTREAM_FAILED, true",
    "INVALID, UPSTREAM_FAILED, true"
  })
  void eachFailureHasItsErrorAndMayLeaveTheQuestionOpen(
      Failure failure, OciError error, boolean open) {
    Duration after = Duration.ofSeconds(3);
    UpstreamException e = new UpstreamException(failure, "no luck", after, null);

    OciException told = ClientErrors.of(e, OciError.MANIFEST_UNKNOWN);

    assertThat(told.error()).isEqualTo(error);
    assertThat(told).hasMessage("no luck").hasCause(e);
    assertThat(told.retryAfter()).contains(after);
    assertThat(ClientErrors.leavesOpen(e)).isEqualTo(open);
  }
}
