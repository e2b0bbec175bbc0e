package io.entrepot.oci;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Pattern;

/** A parser of literal IP addresses. It refuses host names, so it never causes a DNS query. */
public final class IpAddress {
  private static final Pattern V4 =
      Pattern.compile("(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\\.(?!$)|$)){4}");

  /** The JDK takes text that begins like this only for an address, never for a host name. */
  private static final Pattern V6 = Pattern.compile("[0-9A-Fa-f:][0-9A-Fa-f.]*:[0-9A-Fa-f:.]*");

  private static final int MAX_LENGTH = 45;

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
}
