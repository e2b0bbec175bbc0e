package io.entrepot.http;

import io.entrepot.cache.CacheOutcome;
import io.entrepot.oci.Digest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The headers that several answers share. */
final class Headers {
  /** Says to which upstream an answer belongs, errors included. */
  static final String NAMESPACE = "OCI-Namespace";

  private Headers() {}

  /** What every answer of the registry API bears. */
  static void common(HttpServletResponse response) {
    response.setHeader("Docker-Distribution-Api-Version", "registry/2.0");
    response.setHeader("X-Content-Type-Options", "nosniff");
  }

  /** What identifies content, for blobs and manifests alike. */
  static void content(HttpServletResponse response, Digest digest) {
    common(response);
    response.setHeader("Docker-Content-Digest", digest.toString());
    response.setHeader("ETag", etag(digest));
  }

  /** Strong, since a digest names bytes. */
  static String etag(Digest digest) {
    return '"' + digest.toString() + '"';
  }

  /** How the answer came about (RFC 9211) and how old it is (RFC 9111, 5.1). */
  static void outcome(
      HttpServletResponse response, CacheOutcome outcome, Instant since, Clock clock) {
    outcome(response, outcome, null, since, clock);
  }

  /**
   * As above, where there is more to tell.
   *
   * @param detail a token (RFC 9211, 2.8), or null where the outcome says all
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
    String how =
        switch (outcome) {
          case HIT -> "hit";
          case MISS -> "fwd=miss; stored";
          case JOINED -> "fwd=miss; collapsed";
          case REVALIDATED -> "fwd=stale; fwd-status=200";
          // With a detail it was not even tried, which RFC 9211, 2.1 counts as a hit.
          case STALE -> detail == null ? "fwd=stale" : "hit";
        };
    String more = detail == null ? outcome.name().toLowerCase(Locale.ROOT) : detail;
    return "entrepot; " + how + "; detail=" + more;
  }

  /** The cache status of an answer that is about nothing in the cache. */
  static void uncached(HttpServletResponse response, String detail) {
    response.setHeader("Cache-Status", "entrepot; detail=" + detail);
  }

  /** Whether the client has this content already (RFC 9110, 13.1.2). */
  static boolean isHeld(@Nullable String ifNoneMatch, Digest digest) {
    if (ifNoneMatch == null) {
      return false;
    }
    String etag = etag(digest);
    for (String candidate : ifNoneMatch.split(",", -1)) {
      String bare = candidate.strip();
      if (bare.equals("*") || bare.equals(etag) || bare.equals("W/" + etag)) {
        return true;
      }
    }
    return false;
  }
}
