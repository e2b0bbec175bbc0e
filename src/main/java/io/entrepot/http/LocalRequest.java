package io.entrepot.http;

import io.entrepot.oci.IpAddress;
import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.util.Collections;
import java.util.Locale;

/** The question whether a request comes from this machine, and through no proxy. */
final class LocalRequest {
  private LocalRequest() {}

  /**
   * Whether the connection is from a loopback address, no proxy has left a trace, and the client
   * has called a loopback name. A page of another site whose name leads here has another name.
   */
  static boolean isLocal(HttpServletRequest request) {
    String host = request.getServerName().toLowerCase(Locale.ROOT);
    return isLoopback(request.getRemoteAddr())
        && Collections.list(request.getHeaderNames()).stream().noneMatch(LocalRequest::isOfProxy)
        && (host.equals("localhost") || isLoopback(host));
  }

  private static boolean isLoopback(String address) {
    String bare = address.replaceAll("^\\[(.*)]$", "$1");
    return IpAddress.parse(bare).filter(InetAddress::isLoopbackAddress).isPresent();
  }

  private static boolean isOfProxy(String header) {
    String name = header.toLowerCase(Locale.ROOT);
    return name.equals("forwarded") || name.equals("via") || name.startsWith("x-forwarded-");
  }
}
