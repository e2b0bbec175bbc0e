package io.entrepot.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.entrepot.fixture.TestClock;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What nodes ask each other is signed for one node, and good once. */
class SignedRequestsTest {
  private static final String PATH = "/internal/fills/docker.io/sha256:1?repository=a";
  private static final String RANGE = "bytes=7-";

  private final TestClock clock = new TestClock();
  private final SignedRequests receiver = signed("a secret", "b", clock);
  private final SignedRequests sender = signed("a secret", "a", clock);

  private static SignedRequests signed(String secret, String node, TestClock clock) {
    return new SignedRequests(new ClusterSecret(secret), node, clock, new SecureRandom());
  }

  private void check(String method, String path, Map<String, String> headers) {
    receiver.check(method, path, headers::get);
  }

  private void assertRefused(Map<String, String> headers, String why) {
    assertThatExceptionOfType(OciException.class)
        .isThrownBy(() -> check("GET", PATH, headers))
        .satisfies(e -> assertThat(e.error()).isEqualTo(OciError.UNAUTHORIZED))
        .withMessage(why);
  }

  private static final String UNSIGNED = "no node has signed this request for the node b";

  @Test
  void signedRequestIsGoodOnce() {
    Map<String, String> headers = sender.sign("b", PATH, RANGE);

    assertThatCode(() -> check("GET", PATH, headers)).doesNotThrowAnyException();
    assertRefused(headers, "this request was sent before");
    clock.advance(SignedRequests.WINDOW);
    assertRefused(headers, "this request was sent before");
    clock.advance(SignedRequests.WINDOW);
    assertRefused(headers, "the clocks of the nodes a and b are 10000 ms apart; set them by NTP");
  }

  @Test
  void whatIsNotSignedIsRefused() {
    assertRefused(Map.of(), UNSIGNED);
    assertRefused(signed("another", "a", clock).sign("b", PATH, RANGE), UNSIGNED);
  }

  @Test
  void everyPartIsSigned() {
    Map<String, String> headers = sender.sign("b", PATH, RANGE);

    for (String name : headers.keySet()) {
      Map<String, String> changed = new HashMap<>(headers);
      changed.merge(name, "0", String::concat);
      assertRefused(changed, UNSIGNED);
    }
    assertRefused(sender.sign("c", PATH, RANGE), UNSIGNED);
    assertRefused(sender.sign("b", PATH + "b", RANGE), UNSIGNED);
    assertThatExceptionOfType(OciException.class)
        .isThrownBy(() -> check("HEAD", PATH, headers))
        .withMessage(UNSIGNED);
  }

  @Test
  void clockThatIsOffIsNamed() {
    TestClock early = new TestClock();
    early.advance(Duration.ofSeconds(6));

    assertRefused(
        signed("a secret", "a", early).sign("b", PATH, RANGE),
        "the clocks of the nodes a and b are 6000 ms apart; set them by NTP");
  }

  @Test
  void whatWasAskedBeforeTheStartIsRefused() {
    Map<String, String> headers = sender.sign("b", PATH, RANGE);
    clock.advance(Duration.ofSeconds(1));
    SignedRequests startedAgain = signed("a secret", "b", clock);

    assertThatExceptionOfType(OciException.class)
        .isThrownBy(() -> startedAgain.check("GET", PATH, headers::get))
        .withMessage("this request was sent before");
  }

  @Test
  void whatOnceWasSeenIsForgottenWhenItsTimeIsOver() {
    for (int i = 0; i < 10; i++) {
      for (int j = 0; j < 10_000; j++) {
        check("GET", PATH, sender.sign("b", PATH, RANGE));
      }
      clock.advance(Duration.ofSeconds(6));
    }
    for (int j = 0; j < 10_000; j++) {
      check("GET", PATH, sender.sign("b", PATH, RANGE));
    }
    assertThatExceptionOfType(OciException.class)
        .isThrownBy(() -> check("GET", PATH, sender.sign("b", PATH, RANGE)))
        .withMessage("other nodes ask too often");
  }
}
