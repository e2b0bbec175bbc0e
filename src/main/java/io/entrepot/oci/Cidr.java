package io.entrepot.oci;

import java.net.InetAddress;
import java.util.regex.Pattern;

/**
 * A network: all IP addresses that begin with the same bits (RFC 4632, RFC 4291 section 2.3).
 *
 * @param network the first address of the network
 * @param prefix the number of equal bits, 0 to 32 (IPv4) or 0 to 128 (IPv6)
 */
public record Cidr(InetAddress network, int prefix) {
  private static final Pattern PREFIX = Pattern.compile("[0-9]{1,3}");

  public Cidr {
    byte[] address = network.getAddress();
    if (prefix < 0 || prefix > 8 * address.length) {
      throw new IllegalArgumentException("the prefix is 0 to " + 8 * address.length);
    }
    for (int bit = prefix; bit < 8 * address.length; bit++) {
      if (bit(address, bit)) {
        throw new IllegalArgumentException("the address has bits after the prefix");
      }
    }
  }

  /**
   * Reads {@code 10.0.0.0/8}, {@code fd00::/8}, or an address alone.
   *
   * @throws IllegalArgumentException if {@code text} is none of these; the message says why
   */
  public static Cidr parse(String text) {
    int slash = text.indexOf('/');
    InetAddress network =
        IpAddress.parse(slash < 0 ? text : text.substring(0, slash))
            .orElseThrow(() -> new IllegalArgumentException("such as 10.0.0.0/8 or fd00::/8"));
    String prefix = text.substring(slash + 1);
    if (slash < 0) {
      return new Cidr(network, 8 * network.getAddress().length);
    }
    if (!PREFIX.matcher(prefix).matches()) {
      throw new IllegalArgumentException("after the slash comes the number of bits");
    }
    return new Cidr(network, Integer.parseInt(prefix));
  }

  /** Whether the network contains an address. It contains no address of the other IP version. */
  public boolean contains(InetAddress address) {
    byte[] ours = network.getAddress();
    byte[] theirs = address.getAddress();
    if (ours.length != theirs.length) {
      return false;
    }
    for (int bit = 0; bit < prefix; bit++) {
      if (bit(ours, bit) != bit(theirs, bit)) {
        return false;
      }
    }
    return true;
  }

  private static boolean bit(byte[] address, int bit) {
    return (address[bit / 8] >> (7 - bit % 8) & 1) == 1;
  }

  /** A form that {@link #parse} reads. */
  @Override
  public String toString() {
    return network.getHostAddress() + "/" + prefix;
  }
}
