package io.entrepot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressTest {
  @Test
  void readsHostAndPort() {
    assertThat(Address.parse("127.0.0.1:5000")).isEqualTo(new Address("127.0.0.1", 5000));
    assertThat(Address.parse("my-host.example:0")).isEqualTo(new Address("my-host.example", 0));
    assertThat(Address.parse("[::1]:65535")).isEqualTo(new Address("::1", 65535));
  }

  @Test
  void noHostIsAllInterfaces() {
    assertThat(Address.parse(":5000")).isEqualTo(new Address("", 5000)).hasToString(":5000");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "5000",
        "host",
        "host:",
        "::1:5000",
        "host:65536",
        "host:-1",
        "host:99999999999",
        "a b:1",
        "http://host:1",
        "host:1/",
        "[]:1",
        "[host]:1"
      })
  void refuses(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> Address.parse(text));
  }

  @Property
  void textOfAnAddressReadsAsIt(@ForAll @IntRange(max = 65535) int port) {
    for (String host : new String[] {"", "localhost", "10.0.0.1", "fe80::1", "::ffff:10.0.0.1"}) {
      Address address = new Address(host, port);
      assertThat(Address.parse(address.toString())).isEqualTo(address);
    }
  }
}
