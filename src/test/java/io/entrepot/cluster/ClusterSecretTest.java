package io.entrepot.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class ClusterSecretTest {
  private final ClusterSecret secret = new ClusterSecret("0123456789abcdef0123456789abcdef");

  @Test
  void onlyTheSameSecretOpensWhatItSealed() throws IOException {
    String sealed = secret.seal("keys");

    assertThat(new ClusterSecret("0123456789abcdef0123456789abcdef").open(sealed))
        .isEqualTo("keys");
    assertThat(sealed).isNotEqualTo(secret.seal("keys"));
    assertThatThrownBy(() -> new ClusterSecret("another").open(sealed))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> secret.open("")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> secret.open(sealed.substring(4))).isInstanceOf(IOException.class);
  }

  @Test
  void keysAndMarkAreOfTheSecretAndDiffer() {
    assertThat(secret.mark())
        .hasSize(64)
        .isEqualTo(new ClusterSecret("0123456789abcdef0123456789abcdef").mark())
        .isNotEqualTo(new ClusterSecret("another").mark());
    assertThat(secret.keyFor("a")).isNotEqualTo(secret.keyFor("b"));
  }
}
