package io.entrepot.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class CostlyTest {
  private long now;
  private long cost;
  private int asked;
  private final Costly<Integer> costly = new Costly<>(this::count, () -> now);

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
    assertThat(costly.get()).isEqualTo(1);
    assertThat(costly.get()).isEqualTo(2);
  }

  @Test
  void costlyAnswerIsKeptTenTimesAsLong() {
    cost = millis(2_000);
    assertThat(costly.get()).isEqualTo(1);
    now += millis(20_000) - 1;
    assertThat(costly.get()).isEqualTo(1);
    now++;
    assertThat(costly.get()).isEqualTo(2);
  }

  @Test
  void failureIsNotKept() {
    Costly<Integer> failing =
        new Costly<>(
            () -> {
              now += millis(500);
              if (++asked == 1) {
                throw new CatalogException("counting failed", null);
              }
              return asked;
            },
            () -> now);
    assertThatThrownBy(failing::get).isInstanceOf(CatalogException.class);
    assertThat(failing.get()).isEqualTo(2);
  }
}
