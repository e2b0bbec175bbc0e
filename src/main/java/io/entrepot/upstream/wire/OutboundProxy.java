package io.entrepot.upstream.wire;

import java.net.PasswordAuthentication;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The forward proxy through which upstreams are reached.
 *
 * @param host name or address of the proxy
 * @param port 1 to 65535
 * @param login for Basic authentication at the proxy, or null; its {@code toString} shows no secret
 * @param exceptions hosts that are reached directly: {@code registry.example.com} itself, {@code
 *     .example.com} for all below it, {@code *} for all
 */
public record OutboundProxy(
    String host, int port, @Nullable PasswordAuthentication login, List<String> exceptions) {

  public OutboundProxy {
    if (host.isEmpty() || port < 1 || port > 65_535) {
      throw new IllegalArgumentException("no proxy: " + host + ":" + port);
    }
    exceptions = exceptions.stream().map(e -> e.strip().toLowerCase(Locale.ROOT)).toList();
  }

  /** Whether a host is reached through the proxy. */
  public boolean serves(String target) {
    String name = target.toLowerCase(Locale.ROOT);
    for (String exception : exceptions) {
      boolean below = exception.startsWith(".") && name.endsWith(exception);
      if (exception.equals("*") || exception.equals(name) || below) {
        return false;
      }
    }
    return true;
  }
}
