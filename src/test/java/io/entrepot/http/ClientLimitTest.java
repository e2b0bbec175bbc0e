package io.entrepot.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.oci.OciException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The limit of unfinished requests of a client (S14). */
class ClientLimitTest {
  @Test
  void onlyAddressesWithARequestUnderWayAreRemembered() {
    ClientLimit limit = new ClientLimit(2);
    Runnable first = limit.enter("192.0.2.1");
    Runnable second = limit.enter("192.0.2.1");
    assertThatThrownBy(() -> limit.enter("192.0.2.1"))
        .isInstanceOfSatisfying(
            OciException.class, e -> assertThat(e.retryAfter()).hasValue(Duration.ofSeconds(1)));
    limit.enter("192.0.2.2").run();
    assertThat(limit.clients()).isEqualTo(1);
    first.run();
    limit.enter("192.0.2.1").run();
    second.run();
    assertThat(limit.clients()).isZero();
  }

  /**
   * A server with 128 MiB ended under 1,024 waiting requests of one address, and bore 512 (S41).
   */
  @ParameterizedTest
  @CsvSource({"64, 256", "128, 512", "256, 1024", "4096, 1024"})
  void limitFollowsTheHeap(long mebibytes, int limit) {
    assertThat(ClientLimit.ofHeap(mebibytes << 20)).isEqualTo(limit);
  }

  @Test
  void withoutALimitNobodyIsRemembered() {
    ClientLimit limit = new ClientLimit(0);
    for (int i = 0; i < 100; i++) {
      limit.enter("192.0.2.1");
    }
    assertThat(limit.clients()).isZero();
  }
}
