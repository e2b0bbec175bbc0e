package io.entrepot.upstream.credentials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** What credentials must have, and that no text shows their secrets. */
class CredentialsTest {
  @Test
  void emptyAndUnsendableCredentialsAreRefused() {
    assertThatThrownBy(() -> new Credentials.Password("", "x"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Credentials.Password("a:b", "x"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Credentials.Password("a", ""))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Credentials.IdentityToken(""))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void secretsAreNotShown() {
    Credentials password = new Credentials.Password("ann", "hunter2");
    Credentials identity = new Credentials.IdentityToken("hunter2");

    assertThat(password.toString()).isEqualTo("Password[ann, ***]");
    assertThat(identity.toString()).doesNotContain("hunter2");
  }
}
