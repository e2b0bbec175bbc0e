package io.entrepot.oci;

/**
 * What is known of content before it is fetched (image-spec, "Descriptor").
 *
 * @param mediaType as the upstream named it
 * @param digest the content's address
 * @param size in bytes, 0 or more
 */
public record Descriptor(String mediaType, Digest digest, long size) {
  public Descriptor {
    if (size < 0) {
      throw new IllegalArgumentException("negative size " + size);
    }
  }
}
