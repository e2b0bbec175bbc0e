package io.entrepot.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CidrTest {
  @Property
  void prefixAloneDecides(
      @ForAll @Size(4) byte[] first,
      @ForAll @Size(4) byte[] second,
      @ForAll @IntRange(max = 32) int prefix)
      throws UnknownHostException {
    assertPrefixAloneDecides(first, second, prefix);
  }

  @Property
  void prefixAloneDecidesForTheLongOnes(
      @ForAll @Size(16) byte[] first,
      @ForAll @Size(16) byte[] second,
      @ForAll @IntRange(max = 128) int prefix)
      throws UnknownHostException {
    assertPrefixAloneDecides(first, second, prefix);
  }

  /** Compares with another calculation: addresses as numbers, shifted. */
  private static void assertPrefixAloneDecides(byte[] first, byte[] second, int prefix)
      throws UnknownHostException {
    int behind = 8 * first.length - prefix;
    BigInteger base = new BigInteger(1, first).shiftRight(behind);
    Cidr cidr = new Cidr(address(base.shiftLeft(behind), first.length), prefix);

    assertThat(cidr.contains(InetAddress.getByAddress(first))).isTrue();
    assertThat(cidr.contains(InetAddress.getByAddress(second)))
        .isEqualTo(new BigInteger(1, second).shiftRight(behind).equals(base));
    if (prefix > 0) {
      BigInteger neighbour = base.flipBit(0).shiftLeft(behind);
      assertThat(cidr.contains(address(neighbour, first.length))).isFalse();
    }
    assertThat(Cidr.parse(cidr.toString())).isEqualTo(cidr);
  }

  private static InetAddress address(BigInteger number, int length) throws UnknownHostException {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[length - 1 - i] = number.shiftRight(8 * i).byteValue();
    }
    return InetAddress.getByAddress(bytes);
  }

  @Test
  void addressAloneIsItself() {
    assertThat(Cidr.parse("10.1.2.3")).isEqualTo(Cidr.parse("10.1.2.3/32"));
    assertThat(Cidr.parse("::1")).isEqualTo(Cidr.parse("0:0:0:0:0:0:0:1/128"));
    assertThat(Cidr.parse("10.1.2.3").contains(IpAddress.parse("10.1.2.4").orElseThrow()))
        .isFalse();
  }

  @Test
  void versionsDoNotMix() {
    assertThat(Cidr.parse("0.0.0.0/0").contains(IpAddress.parse("::1").orElseThrow())).isFalse();
    assertThat(Cidr.parse("::/0").contains(IpAddress.parse("10.0.0.1").orElseThrow())).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10.0.0.1/8",
        "10.0.0.0/33",
        "10.0.0.0/",
        "10.0.0.0/-1",
        "10.0.0.0/8/8",
        "/8",
        "10.0.0/8",
        "010.0.0.0/8",
        "256.0.0.0/8",
        "::1/127",
        "::/129",
        "fd00::/x",
        "fe80::1%eth0",
        "localhost",
        "*"
      })
  void refusesWhatIsNoNetwork(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Cidr.parse(text))
        .satisfies(e -> assertThat(e.getMessage()).isNotEmpty());
  }
}
