package io.entrepot.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SecretTest {
  private final Secret secret = Secret.of("hunter2");

  @Test
  void onlyRevealGivesItAway() {
    assertThat(secret.reveal()).isEqualTo("hunter2");
    assertThat(secret).hasToString("***");
    assertThat(new Login("me", secret).toString()).doesNotContain("hunter2");
  }

  @Test
  void equalsByText() {
    assertThat(secret)
        .isEqualTo(Secret.of("hunter2"))
        .hasSameHashCodeAs(Secret.of("hunter2"))
        .isNotEqualTo(Secret.of("hunter3"))
        .isNotEqualTo(Secret.of("hunter"))
        .isNotEqualTo("hunter2");
  }

  @Test
  void hashCodeRevealsNothing() {
    assertThat(secret.hashCode()).isEqualTo(Secret.of("another").hashCode());
  }
}
