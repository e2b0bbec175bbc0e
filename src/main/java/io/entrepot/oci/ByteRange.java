package io.entrepot.oci;

/**
 * A stretch of a blob, both ends included (RFC 9110, 14.1.2).
 *
 * @param first offset of the first byte, 0 or more
 * @param last offset of the last byte, at least {@code first}
 */
public record ByteRange(long first, long last) {
  public ByteRange {
    if (first < 0 || last < first) {
      throw new IllegalArgumentException("no range: " + first + "-" + last);
    }
  }

  public long length() {
    return Math.addExact(last - first, 1);
  }

  /** The value of {@code Content-Range} for a blob of this size. */
  public String contentRange(long size) {
    return "bytes " + first + "-" + last + "/" + size;
  }
}
