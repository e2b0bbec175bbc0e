package io.entrepot.launch;

/**
 * Where to listen.
 *
 * @param host without the brackets of IPv6; empty for all interfaces
 * @param port 0..65535
 */
record ListenAddress(String host, int port) {
  /** Reads {@code host:port}, which the application has checked before it announced it. */
  static ListenAddress of(String text) {
    int colon = text.lastIndexOf(':');
    String host = text.substring(0, colon);
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    return new ListenAddress(
        bracketed ? host.substring(1, host.length() - 1) : host,
        Integer.parseInt(text.substring(colon + 1)));
  }

  /** A URL of this host, or of this machine if it is any. */
  String url(String scheme, int boundPort) {
    String name = host.isEmpty() ? "localhost" : host.contains(":") ? "[" + host + "]" : host;
    return scheme + "://" + name + ":" + boundPort;
  }

  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
