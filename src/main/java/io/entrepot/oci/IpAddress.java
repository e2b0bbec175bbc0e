package io.entrepot.oci;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Pattern;

/** Literal IP addresses. A name is none, so that nothing here ever asks DNS. */
public final class IpAddress {
  private static final Pattern V4 =
      Pattern.compile("(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\\.(?!$)|$)){4}");

  /** Only what begins like this does the JDK never take for a name. */
  private static final Pattern V6 = Pattern.compile("[0-9A-Fa-f:][0-9A-Fa-f.]*:[0-9A-Fa-f:.]*");

  private static final int MAX_LENGTH = 45;

  private IpAddress() {}

  /**
   * Reads untrusted text.
   *
   * @return the address; an IPv4 one also where it was mapped into IPv6; empty where it is none
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
