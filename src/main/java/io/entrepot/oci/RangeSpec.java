package io.entrepot.oci;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A byte range that a client requests, before the size of the blob is known (RFC 9110, 14.1.2).
 *
 * @param first offset of the first byte; -1 means "the last {@code last} bytes"
 * @param last offset of the last byte, or {@link Long#MAX_VALUE} for "to the end"; if {@code first}
 *     is -1, the number of bytes
 */
public record RangeSpec(long first, long last) {
  private static final String UNIT = "bytes=";

  /**
   * Reads a {@code Range} header.
   *
   * @return the range; empty if the whole blob must be sent: there is no header, the unit is not
   *     bytes, or the header has several ranges (only a single range is supported, S15)
   * @throws OciException with {@link OciError#RANGE_INVALID} if the unit is bytes and the rest is
   *     not a range
   */
  public static Optional<RangeSpec> parse(@Nullable String header) {
    if (header == null || !header.regionMatches(true, 0, UNIT, 0, UNIT.length())) {
      return Optional.empty();
    }
    String[] specs = header.substring(UNIT.length()).split(",", -1);
    RangeSpec only = null;
    for (String spec : specs) {
      only = parseOne(spec.strip(), header);
    }
    return specs.length == 1 ? Optional.ofNullable(only) : Optional.empty();
  }

  private static RangeSpec parseOne(String spec, String header) {
    int dash = spec.indexOf('-');
    if (dash < 0) {
      throw invalid(header);
    }
    String before = spec.substring(0, dash);
    String after = spec.substring(dash + 1);
    if (before.isEmpty()) {
      return new RangeSpec(-1, parseOffset(after, header));
    }
    long first = parseOffset(before, header);
    long last = after.isEmpty() ? Long.MAX_VALUE : parseOffset(after, header);
    if (last < first) {
      throw invalid(header);
    }
    return new RangeSpec(first, last);
  }

  /**
   * Reads decimal digits. No blob is as large as {@link Long#MAX_VALUE}, so a larger number becomes
   * that.
   */
  private static long parseOffset(String digits, String header) {
    if (digits.isEmpty()) {
      throw invalid(header);
    }
    long value = 0;
    for (int i = 0; i < digits.length(); i++) {
      char c = digits.charAt(i);
      if (!Ascii.isDigit(c)) {
        throw invalid(header);
      }
      boolean overflows = value > (Long.MAX_VALUE - (c - '0')) / 10;
      value = overflows ? Long.MAX_VALUE : value * 10 + (c - '0');
    }
    return value;
  }

  private static OciException invalid(String header) {
    return new OciException(
        OciError.RANGE_INVALID, "Range " + Quoted.of(header) + " is not bytes=<first>-<last>");
  }

  /**
   * Limits this range to the bytes that a blob has.
   *
   * @param size the size of the blob in bytes, 0 or more
   * @throws OciException with {@link OciError#RANGE_UNSATISFIABLE} if the range contains no byte of
   *     the blob
   */
  public ByteRange resolve(long size) {
    long from = first >= 0 ? first : Math.max(0, size - last);
    boolean emptySuffix = first < 0 && last == 0;
    if (from >= size || emptySuffix) {
      throw OciException.unsatisfiable(size);
    }
    return new ByteRange(from, first >= 0 ? Math.min(last, size - 1) : size - 1);
  }
}
