package io.entrepot.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Clients that are too slow (F17), with a floor of 1,000 bytes a second and a patience of 10
 * seconds.
 */
class StragglersTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  /** How many bytes of bodies all clients may hold. */
  private static final long ROOM = 1000;

  private final List<String> dropped = new ArrayList<>();
  private long now = Long.MAX_VALUE - 20 * SECOND; // nanoTime may overflow at any time
  private final Stragglers stragglers = watch(1000);
  private final Stragglers.Watched client = stragglers.watch(0, dropped::add);

  private Stragglers watch(long floor) {
    return new Stragglers(floor, Duration.ofSeconds(10), ROOM, () -> now);
  }

  private void pass(int seconds) {
    now += seconds * SECOND;
    stragglers.check();
  }

  @Test
  void clientBelowTheFloorIsDroppedOnceWithAReason() {
    client.took(9_999);
    client.isAwaited();
    pass(9);
    assertThat(dropped).isEmpty();
    pass(1);
    pass(100);
    assertThat(dropped)
        .containsExactly(
            "the client is too slow: it read 9999 bytes while this cache waited 10 s for it");
  }

  @Test
  void whoTakesTheFloorStays() {
    for (int i = 0; i < 10; i++) {
      client.took(10_000);
      client.isAwaited();
      pass(10);
      client.isReady();
    }
    assertThat(dropped).isEmpty();
  }

  @Test
  void whatWasTakenEarlierDoesNotCountForEver() {
    client.took(1_000_000);
    client.isAwaited();
    pass(10);
    assertThat(dropped).isEmpty();
    pass(10);
    assertThat(dropped).hasSize(1);
  }

  @Test
  void shortWaitsAddUp() {
    for (int i = 0; i < 10; i++) {
      client.isAwaited();
      client.isAwaited();
      pass(1);
      client.isReady();
      pass(60);
    }
    assertThat(dropped)
        .containsExactly(
            "the client is too slow: it read 0 bytes while this cache waited 10 s for it");
  }

  @Test
  void timeInWhichTheUpstreamIsWaitedForIsNotTheClients() {
    client.isReady();
    pass(3600);
    assertThat(dropped).isEmpty();
  }

  @Test
  void whoHasEndedIsForgotten() {
    client.isAwaited();
    client.close();
    pass(10);
    assertThat(dropped).isEmpty();
  }

  @Test
  void withoutAFloorNobodyIsDropped() {
    Stragglers none = watch(0);
    none.watch(0, dropped::add).isAwaited();
    now += 3600 * SECOND;
    none.check();
    assertThat(dropped).isEmpty();
  }

  /** S25: who does not read must not keep large answers from others. */
  @Test
  void clientThatReadsNothingLosesItsRoomToOthers() {
    List<String> stuck = new ArrayList<>();
    Stragglers.Watched first = stragglers.watch(600, stuck::add);
    first.isAwaited();
    now += SECOND;

    Stragglers.Watched second = stragglers.watch(600, dropped::add);

    assertThat(stuck)
        .containsExactly("the client does not read, and others need the memory for answers");
    second.isAwaited();
    now += 30 * SECOND;
    first.close();
    Stragglers.Watched third = stragglers.watch(400, dropped::add);
    assertThat(dropped).as("there was room for both").isEmpty();
    third.close();
  }

  @Test
  void clientsThatReadKeepTheirRoomAndTheNextIsRefused() {
    Stragglers.Watched first = stragglers.watch(600, dropped::add);
    first.isAwaited();
    first.isReady();

    assertThatThrownBy(() -> stragglers.watch(401, dropped::add))
        .isInstanceOfSatisfying(
            OciException.class,
            refused -> {
              assertThat(refused.error()).isEqualTo(OciError.UNAVAILABLE);
              assertThat(refused.retryAfter()).hasValue(Duration.ofSeconds(2));
            });
    assertThat(dropped).isEmpty();
    first.close();
    stragglers.watch(401, dropped::add).close();
  }

  @Test
  void bodyLargerThanTheRoomIsSentAlone() {
    Stragglers.Watched large = stragglers.watch(ROOM + 1, dropped::add);

    assertThatThrownBy(() -> stragglers.watch(1, dropped::add)).isInstanceOf(OciException.class);
    large.close();
    large.close();
    stragglers.watch(ROOM, dropped::add).close();
  }
}
