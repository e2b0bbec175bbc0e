package io.entrepot.oci;

/**
 * A range of bytes of a blob; the first and the last byte belong to it (RFC 9110, 14.1.2).
 *
 * @param first offset of the first byte, 0 or more
 * @param last offset of the last byte, at least {@code first}
 */
public record ByteRange(long first, long last) {
  public ByteRange {
    if (first < 0 || last < first) {
      throw new IllegalArgumentException("not a byte range: " + first + "-" + last);
    }
  }

  /** The number of bytes, 1 or more. */
  public long length() {
    return Math.addExact(last - first, 1);
  }

  /** The value of {@code Content-Range} for a blob of this size. */
  public String contentRange(long size) {
    return "bytes " + first + "-" + last + "/" + size;
  }
}
