package io.entrepot.oci;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressTest {
  @Property
  void readsEveryAddressThatTheJdkWrites(@ForAll @Size(4) byte[] v4, @ForAll @Size(16) byte[] v6)
      throws UnknownHostException {
    for (byte[] bytes : new byte[][] {v4, v6}) {
      InetAddress address = InetAddress.getByAddress(bytes);
      assertThat(IpAddress.parse(address.getHostAddress())).contains(address);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "::, 0:0:0:0:0:0:0:0",
    "::1, 0:0:0:0:0:0:0:1",
    "2001:DB8::a, 2001:db8:0:0:0:0:0:a",
    "::ffff:10.0.0.1, 10.0.0.1",
    "0.0.0.0, 0.0.0.0",
    "255.255.255.255, 255.255.255.255"
  })
  void readsShortForms(String text, String same) {
    assertThat(IpAddress.parse(text).orElseThrow().getHostAddress()).isEqualTo(same);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1",
        "127.1",
        "1.2.3",
        "1.2.3.4.",
        "1.2.3.4.5",
        "01.2.3.4",
        "1.2.3.256",
        "0x7f.0.0.1",
        "localhost",
        "dead.beef",
        "a.b:c",
        "face",
        ":",
        ":::",
        "::g",
        "1:2",
        ".::1",
        "::1%lo",
        "[::1]",
        "1.2.3.4\r\n",
        "::1 ",
        "0000000000000000000000000000000000000000000000::1"
      })
  void otherTextIsNoAddressAndNoNameIsResolved(String text) {
    assertThat(IpAddress.parse(text)).isEmpty();
  }
}
