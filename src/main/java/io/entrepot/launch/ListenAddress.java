package io.entrepot.launch;

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
