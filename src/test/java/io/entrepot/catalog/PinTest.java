package io.entrepot.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.oci.NamePattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PinTest {
  @Test
  void colonSeparatesRepositoriesAndTags() {
    assertThat(Pin.parse("library/*:v?"))
        .isEqualTo(new Pin(new NamePattern("library/*"), new NamePattern("v?")))
        .hasToString("library/*:v?");
    assertThat(Pin.parse("library/alpine"))
        .isEqualTo(new Pin(new NamePattern("library/alpine"), new NamePattern("*")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ":latest", "a:", "A:latest", "a:b:c", "a:sha256:00", "a:-"})
  void whatCanMatchNothingIsRefused(String text) {
    assertThatThrownBy(() -> Pin.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("can match it");
  }
}
