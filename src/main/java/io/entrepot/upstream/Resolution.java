package io.entrepot.upstream;

import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The digest of a tag, as an upstream answered.
 *
 * @param digest what the tag points to
 * @param freshFor how long the upstream lets us use the answer ({@code Cache-Control} less {@code
 *     Age}), at most a year; zero where it does not say, or wants to be asked each time
 * @param manifest the manifest, where the upstream has sent it with the answer; else null
 */
public record Resolution(Digest digest, Duration freshFor, @Nullable Manifest manifest) {
  /** Without the manifest. */
  public Resolution(Digest digest, Duration freshFor) {
    this(digest, freshFor, null);
  }
}
