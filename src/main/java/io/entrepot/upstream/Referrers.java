package io.entrepot.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * The referrers of a manifest, as an upstream sent them.
 *
 * @param index an OCI index, the exact bytes of the upstream; must not be changed
 * @param filtered whether the upstream has applied the filter by artifact type
 */
@SuppressWarnings("ArrayRecordComponent") // bytes are the value; equality is never asked of it
public record Referrers(byte[] index, boolean filtered) {
  private static final String EMPTY =
      "{\"schemaVersion\":2,\"mediaType\":\"" + MediaType.OCI_INDEX + "\",\"manifests\":[]}";

  /** An index without referrers, not filtered. */
  public static Referrers none() {
    return new Referrers(EMPTY.getBytes(UTF_8), false);
  }
}
