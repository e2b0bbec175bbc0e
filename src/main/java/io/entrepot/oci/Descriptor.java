package io.entrepot.oci;

/**
 * Media type, digest and size of content, as a manifest gives them (image-spec, "Descriptor").
 *
 * @param mediaType the media type as the upstream wrote it
 * @param digest the digest of the content
 * @param size in bytes, 0 or more
 */
public record Descriptor(String mediaType, Digest digest, long size) {
  public Descriptor {
    if (size < 0) {
      throw new IllegalArgumentException("negative size " + size);
    }
  }
}
