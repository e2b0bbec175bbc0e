package io.entrepot.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A host and port to listen on.
 *
 * @param host a host name or IP address, IPv6 without brackets; empty for all interfaces
 * @param port 0 to 65535; 0 means any free port
 */
public record Address(String host, int port) {
  private static final Pattern FORM =
      Pattern.compile("(?:\\[([0-9A-Fa-f:.%]+)]|([A-Za-z0-9._-]*)):([0-9]{1,5})");

  /**
   * Reads {@code host:port}, {@code [ipv6]:port} or {@code :port}.
   *
   * @throws IllegalArgumentException if {@code text} is none of these; the message says why
   */
  public static Address parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("write 127.0.0.1:5000, [::1]:5000 or :5000");
    }
    int port = Integer.parseInt(matcher.group(3));
    if (port > 65535) {
      throw new IllegalArgumentException("a port is at most 65535");
    }
    return new Address(matcher.group(1) != null ? matcher.group(1) : matcher.group(2), port);
  }

  /** The form that {@link #parse} reads. */
  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
