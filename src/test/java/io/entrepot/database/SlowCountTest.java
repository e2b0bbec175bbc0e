package io.entrepot.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class SlowCountTest {
  private long now;
  private long cost;
  private int asked;
  private final SlowCount<Integer> count = new SlowCount<>(this::count, () -> now);

  private int count() {
    now += cost;
    return ++asked;
  }

  private static long millis(long millis) {
    return Duration.ofMillis(millis).toNanos();
  }

  @Test
  void cheapAnswerIsNeverKept() {
    cost = millis(99);
    assertThat(count.get()).isEqualTo(1);
    assertThat(count.get()).isEqualTo(2);
  }

  @Test
  void costlyAnswerIsKeptTenTimesAsLong() {
    cost = millis(2_000);
    assertThat(count.get()).isEqualTo(1);
    now += millis(20_000) - 1;
    assertThat(count.get()).isEqualTo(1);
    now++;
    assertThat(count.get()).isEqualTo(2);
  }

  @Test
  void failureIsNotKept() {
    SlowCount<Integer> failing =
        new SlowCount<>(
            () -> {
              now += millis(500);
              if (++asked == 1) {
                throw new DatabaseException("counting failed", null);
              }
              return asked;
            },
            () -> now);
    assertThatThrownBy(failing::get).isInstanceOf(DatabaseException.class);
    assertThat(failing.get()).isEqualTo(2);
  }
}
