package io.entrepot.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.IpAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which addresses only insiders reach (S35). */
class AddressRangeTest {
  @ParameterizedTest
  @CsvSource({
    "8.8.8.8, PUBLIC",
    "172.15.255.255, PUBLIC",
    "172.32.0.0, PUBLIC",
    "100.63.255.255, PUBLIC",
    "100.128.0.0, PUBLIC",
    "2001:db8::1, PUBLIC",
    "[2606:4700::6810:84e5], PUBLIC",
    "64:ff9b::808:808, PUBLIC",
    "10.0.0.1, PRIVATE",
    "172.16.0.0, PRIVATE",
    "172.31.255.255, PRIVATE",
    "192.168.1.1, PRIVATE",
    "100.64.0.1, PRIVATE",
    "100.127.255.255, PRIVATE",
    "198.18.0.1, PRIVATE",
    "192.0.0.8, PRIVATE",
    "fc00::1, PRIVATE",
    "fdff:ffff::1, PRIVATE",
    "fec0::1, PRIVATE",
    "::ffff:10.0.0.1, PRIVATE",
    "::10.0.0.1, PRIVATE",
    "64:ff9b::a00:1, PRIVATE",
    "64:ff9b:1::8.8.8.8, PRIVATE",
    "2002:a00:1::, PRIVATE",
    "167772161, PRIVATE",
    "0x0a000001, PRIVATE",
    "012.0.0.1, PRIVATE",
    "10.1, PRIVATE",
    "127.0.0.1, LOOPBACK",
    "127.1, LOOPBACK",
    "127.255.255.254., LOOPBACK",
    "2130706433, LOOPBACK",
    "0x7f.1, LOOPBACK",
    "0, LOOPBACK",
    "0.0.0.0, LOOPBACK",
    "0.1.2.3, LOOPBACK",
    "::, LOOPBACK",
    "[::1], LOOPBACK",
    "::ffff:127.0.0.1, LOOPBACK",
    "::127.0.0.1, LOOPBACK",
    "64:ff9b::7f00:1, LOOPBACK",
    "2002:7f00:1::1, LOOPBACK",
    "169.254.169.254, LINK_LOCAL",
    "2852039166, LINK_LOCAL",
    "0xa9fea9fe, LINK_LOCAL",
    "::ffff:169.254.169.254, LINK_LOCAL",
    "fe80::1%1, LINK_LOCAL",
    "febf::1, LINK_LOCAL",
    "100.100.100.200, METADATA",
    "168.63.129.16, METADATA",
    "::ffff:168.63.129.16, METADATA",
    "fd00:ec2::254, METADATA",
    "224.0.0.1, NOBODY",
    "255.255.255.255, NOBODY",
    "ff02::1, NOBODY",
    "::2, NOBODY"
  })
  void rangeIsThatOfTheAddressInAnyForm(String host, AddressRange range) {
    assertThat(AddressRange.of(IpAddress.ofHost(host).orElseThrow())).isEqualTo(range);
  }

  @ParameterizedTest
  @CsvSource({
    "localhost",
    "ghcr.io",
    "1.example",
    "127.0.0.1.example",
    "0x",
    "0x7g",
    "08.1.1.1",
    "4294967296",
    "1.2.3.4.5",
    "256.1.1.1",
    "1.16777216",
    "1..2",
    "''",
    "."
  })
  void hostThatIsNoAddressIsNone(String host) {
    assertThat(IpAddress.ofHost(host)).isEmpty();
  }
}
