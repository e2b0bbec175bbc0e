package io.entrepot.oci;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/** A parser of literal IP addresses. It refuses host names, so it never causes a DNS query. */
public final class IpAddress {
  private static final Pattern V4 =
      Pattern.compile("(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\\.(?!$)|$)){4}");

  /** The JDK takes text that begins like this only for an address, never for a host name. */
  private static final Pattern V6 = Pattern.compile("[0-9A-Fa-f:][0-9A-Fa-f.]*:[0-9A-Fa-f:.]*");

  private static final int MAX_LENGTH = 45;

  /** A number as C writes it, of 32 bits or not much more. */
  private static final Pattern NUMBER =
      Pattern.compile("0[xX]0{0,8}[0-9a-fA-F]{1,8}|0{0,8}[0-7]{1,11}|[1-9][0-9]{0,9}");

  /** The length of an IPv6 address in bytes. */
  private static final int V6_LENGTH = 16;

  private IpAddress() {}

  /**
   * Reads untrusted text.
   *
   * @return the address, or empty if the text is not one. An IPv4 address that is mapped into IPv6
   *     is returned as IPv4.
   */
  public static Optional<InetAddress> parse(String text) {
    if (text.length() > MAX_LENGTH || !(V4.matcher(text).matches() || V6.matcher(text).matches())) {
      return Optional.empty();
    }
    try {
      return Optional.of(InetAddress.getByName(text));
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }

  /**
   * Reads the host of a URL where it is an address, in all forms that systems take for one: also
   * {@code 127.1}, {@code 2130706433}, {@code 0x7f.0.0.1}, octal numbers, an IPv6 address in
   * brackets or with a zone, and a dot at the end.
   */
  public static Optional<InetAddress> ofHost(String host) {
    String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    if (bare.contains(":")) {
      return parse(bare.replaceFirst("%.*$", ""));
    }
    String[] parts = bare.replaceFirst("\\.$", "").split("\\.", -1);
    if (parts.length > 4
        || !Arrays.stream(parts).allMatch(part -> NUMBER.matcher(part).matches())) {
      return Optional.empty();
    }
    long address = 0;
    for (int i = 0; i < parts.length; i++) {
      long part = Long.decode(parts[i]);
      int bytes = i == parts.length - 1 ? 4 - i : 1; // the last number fills what is left
      if (part >>> (8 * bytes) != 0) {
        return Optional.empty();
      }
      address = address << (8 * bytes) | part;
    }
    return parse(
        (address >>> 24)
            + "."
            + (address >>> 16 & 0xff)
            + "."
            + (address >>> 8 & 0xff)
            + "."
            + (address & 0xff));
  }

  /**
   * The network that one machine can have for itself: an IPv4 address, or the first 64 bits of an
   * IPv6 address. Other text is returned unchanged.
   */
  public static String network(String address) {
    if (address.indexOf(':') < 0) {
      return address;
    }
    Optional<InetAddress> parsed = parse(address);
    if (parsed.isEmpty()) {
      return address;
    }
    byte[] bytes = parsed.get().getAddress();
    return bytes.length == V6_LENGTH
        ? HexFormat.of().formatHex(bytes, 0, V6_LENGTH / 2) + "::/64"
        : parsed.get().getHostAddress();
  }
}
