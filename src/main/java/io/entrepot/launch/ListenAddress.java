package io.entrepot.launch;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.URI;

/**
 * The address that the server listens on.
 *
 * @param host a host name or IP address, IPv6 without brackets; empty for all interfaces
 * @param port 0..65535
 */
record ListenAddress(String host, int port) {
  /** Reads {@code host:port}. The application has checked the text before. */
  static ListenAddress of(String text) {
    int colon = text.lastIndexOf(':');
    String host = text.substring(0, colon);
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    return new ListenAddress(
        bracketed ? host.substring(1, host.length() - 1) : host,
        Integer.parseInt(text.substring(colon + 1)));
  }

  /**
   * Where a node listens for the others: at the host of its URL if this machine has it. Else the
   * URL leads here by way of another host, and it listens on all interfaces.
   */
  static ListenAddress ofNode(URI url) {
    String host = url.getHost();
    String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    int usual = url.getScheme().equals("https") ? 443 : 80;
    return new ListenAddress(isHere(bare) ? bare : "", url.getPort() < 0 ? usual : url.getPort());
  }

  private static boolean isHere(String host) {
    try {
      InetAddress address = InetAddress.getByName(host);
      return address.isLoopbackAddress() || NetworkInterface.getByInetAddress(address) != null;
    } catch (IOException e) {
      return false;
    }
  }

  /** A URL of this host; with {@code localhost} when the server listens on all interfaces. */
  String url(String scheme, int boundPort) {
    String name = host.isEmpty() ? "localhost" : host.contains(":") ? "[" + host + "]" : host;
    return scheme + "://" + name + ":" + boundPort;
  }

  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
