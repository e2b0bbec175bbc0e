package io.entrepot.oci;

import org.jspecify.annotations.Nullable;

/**
 * Media type, digest and size of content, as a manifest gives them (image-spec, "Descriptor").
 *
 * @param mediaType the media type as the upstream wrote it
 * @param digest the digest of the content
 * @param size in bytes, 0 or more
 * @param platform for what an index says that this is, such as {@code linux/arm64/v8}; null where
 *     it does not say
 */
public record Descriptor(String mediaType, Digest digest, long size, @Nullable String platform) {
  /** Content of no platform. */
  public Descriptor(String mediaType, Digest digest, long size) {
    this(mediaType, digest, size, null);
  }

  public Descriptor {
    if (size < 0) {
      throw new IllegalArgumentException("negative size " + size);
    }
  }
}
