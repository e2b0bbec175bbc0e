package io.entrepot.routing;

import static io.entrepot.routing.ExpiryPolicy.Basis.AFTER_FETCH;
import static io.entrepot.routing.ExpiryPolicy.Basis.AFTER_USE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ExpiryPolicyTest {
  private static final Duration TTL = Duration.ofDays(7);
  private static final Instant FETCHED = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant USED = Instant.parse("2026-01-05T00:00:00Z");

  @Test
  void ttlCountsFromTheBasis() {
    assertThat(new ExpiryPolicy(TTL, AFTER_USE).expiry(FETCHED, USED)).isEqualTo(USED.plus(TTL));
    assertThat(new ExpiryPolicy(TTL, AFTER_FETCH).expiry(FETCHED, USED))
        .isEqualTo(FETCHED.plus(TTL));
  }

  @Test
  void zeroIsNever() {
    assertThat(new ExpiryPolicy(Duration.ZERO, AFTER_USE).isNever()).isTrue();
    assertThat(new ExpiryPolicy(Duration.ofMillis(1), AFTER_USE).isNever()).isFalse();
  }

  @Test
  void ttlOutOfRangeIsRefused() {
    assertThatThrownBy(() -> new ExpiryPolicy(Duration.ofSeconds(-1), AFTER_USE))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new ExpiryPolicy(Duration.ofDays(36_501), AFTER_USE))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
