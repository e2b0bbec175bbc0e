package io.entrepot.launch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ListenAddressTest {
  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:5000, 127.0.0.1, http://127.0.0.1:5999",
    "my-host.example:0, my-host.example, http://my-host.example:5999",
    ":5000, '', http://localhost:5999",
    "[::1]:5000, ::1, http://[::1]:5999"
  })
  void isReadAndShown(String text, String host, String url) {
    ListenAddress address = ListenAddress.of(text);
    assertThat(address.host()).isEqualTo(host);
    assertThat(address).hasToString(text);
    assertThat(address.url("http", 5999)).isEqualTo(url);
  }
}
