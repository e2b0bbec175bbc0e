package io.entrepot.upstream.wire;

import io.entrepot.upstream.credentials.Credentials;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The forward proxy through which upstreams are reached.
 *
 * @param host its name or address
 * @param port 1 to 65535
 * @param credentials for Basic authentication at the proxy, or null
 * @param exceptions hosts that are reached directly: {@code registry.example.com} itself, {@code
 *     .example.com} for all below it, {@code *} for all
 */
public record OutboundProxy(
    String host, int port, Credentials.@Nullable Password credentials, List<String> exceptions) {

  public OutboundProxy {
    if (host.isEmpty() || port < 1 || port > 65_535) {
      throw new IllegalArgumentException("no proxy: " + host + ":" + port);
    }
    exceptions = exceptions.stream().map(e -> e.strip().toLowerCase(Locale.ROOT)).toList();
  }

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
