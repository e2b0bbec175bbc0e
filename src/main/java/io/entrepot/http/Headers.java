package io.entrepot.http;

import io.entrepot.cache.CacheOutcome;
import io.entrepot.oci.Digest;
import io.entrepot.oci.EntityTag;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Sets the response headers that several kinds of answers share. */
final class Headers {
  /** The header that names the upstream of an answer or an error. */
  static final String NAMESPACE = "OCI-Namespace";

  private Headers() {}

  /**
   * Sets the headers of every answer of the registry API, also of an error. A browser runs nothing
   * of it, whatever its type and its bytes are (S33).
   */
  static void common(HttpServletResponse response) {
    response.setHeader("Docker-Distribution-Api-Version", "registry/2.0");
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setHeader("Content-Security-Policy", "default-src 'none'; sandbox");
  }

  /**
   * Sets the headers that identify a blob or a manifest. They are the same for GET, HEAD and the
   * status 304.
   */
  static void content(HttpServletResponse response, Digest digest) {
    common(response);
    response.setHeader("Docker-Content-Digest", digest.toString());
    response.setHeader("ETag", EntityTag.of(digest).value());
  }

  /**
   * Sets {@code Cache-Status} (RFC 9211) and {@code Age} (RFC 9111, 5.1).
   *
   * @param since when the upstream last confirmed the content
   */
  static void outcome(
      HttpServletResponse response, CacheOutcome outcome, Instant since, Clock clock) {
    outcome(response, outcome, null, since, clock);
  }

  /**
   * Sets {@code Cache-Status} and {@code Age}.
   *
   * @param detail a token that explains the outcome (RFC 9211, 2.8), or null to use the outcome's
   *     name
   * @param since when the upstream last confirmed the content
   */
  static void outcome(
      HttpServletResponse response,
      CacheOutcome outcome,
      @Nullable String detail,
      Instant since,
      Clock clock) {
    response.setHeader("Cache-Status", cacheStatus(outcome, detail));
    long age = Math.max(0, Duration.between(since, clock.instant()).toSeconds());
    response.setHeader("Age", Long.toString(age));
  }

  private static String cacheStatus(CacheOutcome outcome, @Nullable String detail) {
    return "entrepot; "
        + outcome.handling()
        + "; detail="
        + (detail == null ? outcome.label() : detail);
  }

  /** Sets the {@code Cache-Status} of an answer that contains no cached content. */
  static void uncached(HttpServletResponse response, String detail) {
    response.setHeader("Cache-Status", "entrepot; detail=" + detail);
  }
}
