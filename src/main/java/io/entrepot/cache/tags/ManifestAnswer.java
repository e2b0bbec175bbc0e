package io.entrepot.cache.tags;

import io.entrepot.cache.CacheOutcome;
import io.entrepot.oci.Digest;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A manifest for one client.
 *
 * @param bytes the bytes as the upstream sent them; nobody may change them
 * @param mediaType the media type
 * @param digest the digest of the bytes
 * @param outcome how the cache found the manifest
 * @param since when the upstream last confirmed it: for a digest, the time of the fetch; for a tag,
 *     the time of the last resolution
 * @param warning why the answer is stale, or null
 * @param detail a token that explains the outcome, or null: {@code cooled}, {@code moved}, {@code
 *     revalidating} or {@code scarce}
 */
@SuppressWarnings("ArrayRecordComponent") // answers are never compared by equals
public record ManifestAnswer(
    byte[] bytes,
    String mediaType,
    Digest digest,
    CacheOutcome outcome,
    Instant since,
    @Nullable String warning,
    @Nullable String detail) {

  /** Makes an answer without warning and detail. */
  static ManifestAnswer of(
      byte[] bytes, String mediaType, Digest digest, CacheOutcome outcome, Instant since) {
    return new ManifestAnswer(bytes, mediaType, digest, outcome, since, null, null);
  }

  ManifestAnswer as(CacheOutcome how, Instant when, @Nullable String why) {
    return new ManifestAnswer(bytes, mediaType, digest, how, when, why, detail);
  }

  ManifestAnswer detail(@Nullable String more) {
    return new ManifestAnswer(bytes, mediaType, digest, outcome, since, warning, more);
  }
}
