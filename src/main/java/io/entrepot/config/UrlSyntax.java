package io.entrepot.config;

import io.entrepot.oci.OciException;
import io.entrepot.oci.RepositoryName;
import io.entrepot.upstream.Origin;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/**
 * Reads the URLs of servers: a scheme, a host and perhaps a port (RFC 6454), and for registries
 * perhaps a path.
 */
final class UrlSyntax {

  private UrlSyntax() {}

  /**
   * Reads an origin. The result is normalised: lower case, without the default port of the scheme
   * and without a slash at the end.
   *
   * @throws IllegalArgumentException if {@code text} is not an origin. The message says why; it
   *     does not contain {@code text}, which may contain a password.
   */
  static URI origin(String text) {
    URI uri = uri(text);
    URI origin = origin(uri);
    require(uri.getRawPath().isEmpty() || uri.getRawPath().equals("/"), "it must not have a path");
    return origin;
  }

  /**
   * Reads the URL of a registry: an origin, perhaps with a path. The path is a part of the names of
   * all repositories. The result is normalised like an origin.
   *
   * @throws IllegalArgumentException as {@link #origin}
   */
  static URI registry(String text) {
    URI uri = uri(text);
    URI origin = origin(uri);
    String name = uri.getRawPath().replaceFirst("^/", "").replaceFirst("/$", "");
    if (name.isEmpty()) {
      return origin;
    }
    require(isRepositoryName(name), "its path must be the beginning of a repository name");
    require(
        !name.equals("v2") && !name.startsWith("v2/"),
        "leave /v2 out: it is added where it belongs");
    return URI.create(origin + "/" + name);
  }

  private static boolean isRepositoryName(String text) {
    try {
      RepositoryName.parse(text);
      return true;
    } catch (OciException e) {
      return false;
    }
  }

  private static URI origin(URI uri) {
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    require(scheme.equals("http") || scheme.equals("https"), "it must begin with http or https");
    require(uri.getRawUserInfo() == null, "a user name does not belong in a URL");
    require(uri.getHost() != null, "it has no valid host name");
    require(uri.getPort() != 0 && uri.getPort() <= 65535, "a port is 1 to 65535");
    require(uri.getRawQuery() == null, "it must not have a query");
    require(uri.getRawFragment() == null, "it must not have a fragment");
    int ownPort = scheme.equals("https") ? 443 : 80;
    String port = uri.getPort() == -1 || uri.getPort() == ownPort ? "" : ":" + uri.getPort();
    // A dot at the end only says that the name is complete. Certificates have none.
    String host = uri.getHost().toLowerCase(Locale.ROOT).replaceFirst("\\.$", "");
    return URI.create(scheme + "://" + host + port);
  }

  /**
   * Reads an origin that may get credentials: https, or http on this machine.
   *
   * @throws IllegalArgumentException as {@link #origin}
   */
  static URI safeOrigin(String text) {
    URI origin = origin(text);
    require(isSafe(origin), "credentials are sent only over https, except to this machine");
    return origin;
  }

  /**
   * Reads a URL with any path. The result is as it was written.
   *
   * @throws IllegalArgumentException as {@link #origin}
   */
  static URI any(String text) {
    URI uri = uri(text);
    var unused = origin(uri);
    require(text.chars().allMatch(c -> c > ' ' && c < 0x7f), "it has only ASCII");
    return uri;
  }

  /**
   * Reads a URL of what nobody may change on its way: https, or http on this machine.
   *
   * @throws IllegalArgumentException as {@link #origin}
   */
  static URI safe(String text) {
    URI uri = any(text);
    require(isSafe(uri), "https only, except on this machine");
    return uri;
  }

  /**
   * Whether nobody on the network can read requests to {@code origin}: it uses https or is on this
   * machine.
   */
  static boolean isSafe(URI origin) {
    return origin.getScheme().equalsIgnoreCase("https") || isLoopback(origin);
  }

  /** Whether {@code origin} is on this machine. */
  static boolean isLoopback(URI origin) {
    return Origin.of(origin).filter(Origin::isLoopback).isPresent();
  }

  private static URI uri(String text) {
    try {
      return new URI(text);
    } catch (URISyntaxException e) {
      // The cause is not passed on: its message repeats the text.
      throw new IllegalArgumentException("it is not a URL at character " + e.getIndex());
    }
  }

  private static void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
