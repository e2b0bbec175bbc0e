package io.entrepot.cache.tags;

import io.entrepot.cache.CacheOutcome;
import io.entrepot.oci.Digest;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A manifest for one client.
 *
 * @param bytes exactly as the upstream sent them; not to be changed
 * @param since when the upstream last vouched for it: at the fetch for a digest, at the last
 *     resolution for a tag
 * @param warning why a stale answer had to do, or null
 * @param detail a token that says more of this answer than its outcome, or null: {@code cooled},
 *     {@code moved}, {@code revalidating} or {@code scarce}
 */
@SuppressWarnings("ArrayRecordComponent") // bytes are the value; equality is never asked of it
public record ManifestAnswer(
    byte[] bytes,
    String mediaType,
    Digest digest,
    CacheOutcome outcome,
    Instant since,
    @Nullable String warning,
    @Nullable String detail) {

  /** An answer that needs no more words. */
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
