package io.entrepot.threads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A pace, as leases keep it however many have run out (F20), and as bytes keep it. */
class PaceTest {
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
  private final CountDownLatch closing = new CountDownLatch(1);
  private final ExecutorService executor = Executors.newSingleThreadExecutor();

  @AfterEach
  void stop() {
    executor.shutdownNow();
  }

  @Test
  void oneTurnComesInEachPartOfASecond() {
    Pace pace = new Pace(4, nanos::get);
    AtomicInteger turns = new AtomicInteger();
    Future<Boolean> unused =
        executor.submit(
            () -> {
              while (pace.awaitTurn(closing)) {
                turns.incrementAndGet();
              }
              return true;
            });

    await().untilAsserted(() -> assertThat(turns).hasValue(1));
    for (int i = 2; i <= 5; i++) {
      int expected = i;
      nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(249));
      await().during(Duration.ofMillis(120)).until(() -> turns.get() == expected - 1);
      nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(1));
      await().untilAsserted(() -> assertThat(turns).hasValue(expected));
    }
  }

  @Test
  void idleTimeIsNotSavedUp() throws Exception {
    Pace pace = new Pace(1, nanos::get);
    assertThat(pace.awaitTurn(closing)).isTrue();
    nanos.addAndGet(TimeUnit.HOURS.toNanos(1));
    assertThat(pace.awaitTurn(closing)).isTrue();

    Future<Boolean> next = executor.submit(() -> pace.awaitTurn(closing));

    await().during(Duration.ofMillis(120)).until(() -> !next.isDone());
  }

  @Test
  void closingEndsTheWait() throws Exception {
    Pace pace = new Pace(1, nanos::get);
    assertThat(pace.awaitTurn(closing)).isTrue();
    Future<Boolean> next = executor.submit(() -> pace.awaitTurn(closing));

    closing.countDown();

    assertThat(next.get(60, TimeUnit.SECONDS)).isFalse();
    assertThat(pace.awaitTurn(closing)).isFalse();
  }

  @Test
  void unitsThatWereDoneAreWaitedForBehindAllThatAreBooked() {
    Pace pace = new Pace(1_000, nanos::get);

    assertThat(pace.book(500)).isEqualTo(TimeUnit.MILLISECONDS.toNanos(500));
    assertThat(pace.book(250)).isEqualTo(TimeUnit.MILLISECONDS.toNanos(750));
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(10));
    assertThat(pace.book(100)).isEqualTo(TimeUnit.MILLISECONDS.toNanos(100));
  }

  @Test
  void aLittleIdleTimeIsSavedUpWhereThatIsWanted() {
    Pace pace = new Pace(1_000, Duration.ofMillis(125), nanos::get);
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(10));

    assertThat(pace.book(100)).isEqualTo(TimeUnit.MILLISECONDS.toNanos(-25));
    assertThat(pace.book(100)).isEqualTo(TimeUnit.MILLISECONDS.toNanos(75));
  }

  @Test
  void paceOfNothingIsRefused() {
    assertThatThrownBy(() -> new Pace(0, nanos::get))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a pace of 0 a second");
  }
}
