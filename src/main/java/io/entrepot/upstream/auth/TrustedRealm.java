package io.entrepot.upstream.auth;

import io.entrepot.upstream.Origin;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A token service that may see the credentials, by the configuration (S1).
 *
 * @param origin where it is
 * @param path its path, or one above it; begins with a slash
 */
public record TrustedRealm(Origin origin, String path) {

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
    Origin origin = Origin.of(uri).orElse(null);
    if (origin == null
        || uri.getRawQuery() != null
        || uri.getRawFragment() != null
        || hasDotSegments(uri)) {
      throw new IllegalArgumentException(
          "a realm is an http or https URL without user, query and fragment");
    }
    String path = uri.getRawPath();
    return new TrustedRealm(origin, path.isEmpty() ? "/" : path);
  }

  boolean matches(URI realm) {
    @Nullable String asked = realm.getRawPath();
    if (!origin.contains(realm) || asked == null || hasDotSegments(realm)) {
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
