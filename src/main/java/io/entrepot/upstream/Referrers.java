package io.entrepot.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.jspecify.annotations.Nullable;

/**
 * The referrers of a manifest, as an upstream sent them.
 *
 * @param index an OCI index, the exact bytes of the upstream if it is one page; must not be changed
 * @param filtered whether the filter by artifact type is applied
 * @param next the query of the upstream's link to the page after these; null at the end
 */
@SuppressWarnings("ArrayRecordComponent") // bytes are the value; equality is never asked of it
public record Referrers(byte[] index, boolean filtered, @Nullable String next) {
  private static final String EMPTY =
      "{\"schemaVersion\":2,\"mediaType\":\"" + MediaType.OCI_INDEX + "\",\"manifests\":[]}";

  /**
   * An index without referrers. It says that nothing is signed, so only an upstream's word may lead
   * to it.
   *
   * @param filtered whether a filter by artifact type is applied
   */
  public static Referrers none(boolean filtered) {
    return new Referrers(EMPTY.getBytes(UTF_8), filtered, null);
  }
}
