package io.entrepot.cache.tags;

import io.entrepot.cache.CacheOutcome;
import io.entrepot.oci.Digest;
import io.entrepot.store.Body;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A manifest for one client.
 *
 * @param body the bytes as the upstream sent them
 * @param mediaType the media type
 * @param digest the digest of the bytes
 * @param outcome how the cache found the manifest
 * @param since when the upstream last confirmed it: for a digest, the time of the fetch; for a tag,
 *     the time of the last resolution
 * @param warning why the answer is stale, or null
 * @param detail a token that explains the outcome, or null: {@code cooled}, {@code moved}, {@code
 *     revalidating} or {@code scarce}
 */
public record ManifestAnswer(
    Body body,
    String mediaType,
    Digest digest,
    CacheOutcome outcome,
    Instant since,
    @Nullable String warning,
    @Nullable String detail) {

  /** Makes an answer without warning and detail. */
  static ManifestAnswer of(
      Body body, String mediaType, Digest digest, CacheOutcome outcome, Instant since) {
    return new ManifestAnswer(body, mediaType, digest, outcome, since, null, null);
  }

  ManifestAnswer as(CacheOutcome how, Instant when, @Nullable String why) {
    return new ManifestAnswer(body, mediaType, digest, how, when, why, detail);
  }

  ManifestAnswer detail(@Nullable String more) {
    return new ManifestAnswer(body, mediaType, digest, outcome, since, warning, more);
  }
}
