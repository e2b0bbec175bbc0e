package io.entrepot.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
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

  @ParameterizedTest
  @CsvSource({
    "http://127.0.0.2:5001, 127.0.0.2:5001",
    "https://[::1], [::1]:443",
    "http://192.0.2.1, :80"
  })
  void ofNodeIsItsHostWhereThisMachineHasIt(URI url, String address) {
    assertThat(ListenAddress.ofNode(url)).hasToString(address);
  }
}
