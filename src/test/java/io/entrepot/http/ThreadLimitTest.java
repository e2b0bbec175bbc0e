package io.entrepot.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Clients that hold threads of the server while they read slowly (S25). */
class ThreadLimitTest {
  private final ThreadLimit limit = new ThreadLimit("things are done", 16, 4);

  @Test
  void clientHasItsShareAndTheOthersHaveTheRest() {
    List<Runnable> leave = new ArrayList<>();
    for (int client = 0; client < 4; client++) {
      String address = "192.0.2." + client;
      for (int i = 0; i < 4; i++) {
        leave.add(limit.enter(address));
      }
      assertRefused(address, OciError.TOO_MANY_REQUESTS);
    }
    assertRefused("192.0.2.99", OciError.UNAVAILABLE);
    leave.get(0).run();
    limit.enter("192.0.2.99").run();
    leave.subList(1, 16).forEach(Runnable::run);
    limit.enter("192.0.2.3").run();
  }

  private void assertRefused(String address, OciError code) {
    assertThatThrownBy(() -> limit.enter(address))
        .isInstanceOfSatisfying(OciException.class, e -> assertThat(e.error()).isEqualTo(code));
  }
}
