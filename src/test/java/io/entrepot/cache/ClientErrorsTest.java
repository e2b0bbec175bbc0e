package io.entrepot.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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

    OciException told = ClientErrors.of("docker.io", e, OciError.MANIFEST_UNKNOWN);

    assertThat(told.error()).isEqualTo(error);
    assertThat(told).hasMessageStartingWith("upstream docker.io ").hasCause(e);
    assertThat(told).hasMessageNotContaining("no luck");
    assertThat(told.retryAfter()).contains(after);
    assertThat(ClientErrors.leavesOpen(e)).isEqualTo(open);
  }

  @Test
  void clientGetsTheCodeAndTheMessageOfTheUpstream() {
    UpstreamException e =
        new UpstreamException(Failure.NOT_FOUND, "GET https://r.example:5000/v2/ failed: 404")
            .saying(" (\"MANIFEST_UNKNOWN\" \"no such tag\")");

    assertThat(ClientErrors.of("docker.io", e, OciError.MANIFEST_UNKNOWN))
        .hasMessage("upstream docker.io does not have it (\"MANIFEST_UNKNOWN\" \"no such tag\")");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Get https://intern.example/v2/: refused",
        "dial tcp 10.1.2.3:443: refused",
        "dial tcp [fe80::1]:443: refused",
        "lookup cache.intern.example:8080 refused",
        "localhost:5000 refused",
        "Bearer abcdefghijkl refused",
        "token eyJhbGciOi.eyJzdWIi.c2ln refused"
      })
  void addressesAndProofsInItsMessageAreLeftOut(String message) {
    UpstreamException e =
        new UpstreamException(Failure.UNREACHABLE, "").saying(" (\"" + message + "\")");

    assertThat(ClientErrors.of("docker.io", e, OciError.BLOB_UNKNOWN).getMessage())
        .contains("…", "refused")
        .doesNotContain("intern", "10.1", "fe80", "5000", "443", "abcdef", "eyJ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.0.0.1:5000", "localhost:5000", "[::1]", "10.0.0.7"})
  void nameThatIsAnAddressIsNotTold(String name) {
    UpstreamException e = new UpstreamException(Failure.TIMEOUT, "");

    assertThat(ClientErrors.of(name, e, OciError.BLOB_UNKNOWN))
        .hasMessage("the upstream did not answer in time");
  }
}
