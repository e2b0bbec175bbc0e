package io.entrepot.upstream.auth;

import io.entrepot.upstream.Origin;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A token service that the configuration allows to see the credentials (S1).
 *
 * @param origin where it is
 * @param path what its path is or lies under, beginning with a slash
 */
public record TrustedRealm(URI origin, String path) {

  /**
   * Reads a configured realm such as {@code https://auth.example.com} or {@code
   * https://example.com/token}.
   *
   * @throws IllegalArgumentException where it is no http or https URL, or has a user, a query, a
   *     fragment or dot segments
   */
  public static TrustedRealm parse(String text) {
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("the realm is no URL: " + e.getReason(), e);
    }
    if (Origin.of(uri).isEmpty()
        || uri.getRawQuery() != null
        || uri.getRawFragment() != null
        || hasDotSegments(uri)) {
      throw new IllegalArgumentException(
          "a realm is an http or https URL without user, query and fragment");
    }
    String path = uri.getRawPath();
    return new TrustedRealm(uri.resolve("/"), path.isEmpty() ? "/" : path);
  }

  boolean matches(URI realm) {
    Origin here = Origin.of(origin).orElseThrow();
    @Nullable String asked = realm.getRawPath();
    if (!here.contains(realm) || asked == null || hasDotSegments(realm)) {
      return false;
    }
    return path.equals("/") || asked.equals(path) || asked.startsWith(withSlash(path));
  }

  private static String withSlash(String path) {
    return path.endsWith("/") ? path : path + "/";
  }

  private static boolean hasDotSegments(URI uri) {
    String path = uri.getRawPath() == null ? "" : uri.getRawPath().toLowerCase(Locale.ROOT);
    String decoded = path.replace("%2e", ".").replace("%2f", "/").replace("%5c", "\\");
    return (decoded + "/").contains("/./")
        || (decoded + "/").contains("/../")
        || decoded.contains("\\");
  }
}
