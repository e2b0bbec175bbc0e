package io.entrepot.oci;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The bytes that a client requests, before the size of the blob is known (RFC 9110, 14.1.2).
 *
 * @param first offset of the first byte; -1 means "the last {@code last} bytes"
 * @param last offset of the last byte, or {@link Long#MAX_VALUE} for "to the end"; if {@code first}
 *     is -1, the number of bytes
 * @param several whether the client requests several ranges; {@code first} is then the lowest
 *     offset of all. Such a client gets the whole blob (S15), or an error if no range has a byte.
 */
public record RangeSpec(long first, long last, boolean several) {
  private static final String UNIT = "bytes=";

  /**
   * A range that ends before it begins, and so has no byte of any blob. A server may ignore or
   * reject it (RFC 9110, 14.2); the OCI conformance suite wants it rejected.
   */
  private static final RangeSpec NOTHING = new RangeSpec(Long.MAX_VALUE, Long.MAX_VALUE);

  /** One range. */
  public RangeSpec(long first, long last) {
    this(first, last, false);
  }

  /**
   * Reads a {@code Range} header. Never refuses one: a range is only a wish, and a server may
   * ignore each that it does not understand (RFC 9110, 14.2).
   *
   * @return the range; empty if the whole blob must be sent: there is no header, the unit is not
   *     bytes, or an element of the list is no range
   */
  public static Optional<RangeSpec> parse(@Nullable String header) {
    if (header == null || !header.regionMatches(true, 0, UNIT, 0, UNIT.length())) {
      return Optional.empty();
    }
    RangeSpec sum = null;
    for (String element : header.substring(UNIT.length()).split(",", -1)) {
      String text = Ascii.stripSpace(element);
      if (text.isEmpty()) {
        continue; // RFC 9110, 5.6.1.2: empty elements of a list mean nothing
      }
      RangeSpec one = parseOne(text);
      if (one == null) {
        return Optional.empty();
      }
      sum = sum == null ? one : new RangeSpec(Math.min(sum.lowest(), one.lowest()), 0, true);
    }
    return Optional.ofNullable(sum);
  }

  private static @Nullable RangeSpec parseOne(String text) {
    int dash = text.indexOf('-');
    String before = dash < 0 ? "" : text.substring(0, dash);
    String after = text.substring(dash + 1);
    if (dash < 0 || !isNumber(before) || !isNumber(after) || text.length() == 1) {
      return null;
    }
    if (before.isEmpty()) {
      return new RangeSpec(-1, number(after));
    }
    long first = number(before);
    long last = after.isEmpty() ? Long.MAX_VALUE : number(after);
    return last < first ? NOTHING : new RangeSpec(first, last);
  }

  private static boolean isNumber(String text) {
    return text.chars().allMatch(c -> Ascii.isDigit((char) c));
  }

  /**
   * The value of decimal digits. No blob is as large as {@link Long#MAX_VALUE}, so a larger number
   * becomes that.
   */
  private static long number(String digits) {
    long value = 0;
    for (int i = 0; i < digits.length(); i++) {
      int digit = digits.charAt(i) - '0';
      boolean overflows = value > (Long.MAX_VALUE - digit) / 10;
      value = overflows ? Long.MAX_VALUE : value * 10 + digit;
    }
    return value;
  }

  /** The lowest offset that may be in the range. A suffix may be the whole blob. */
  private long lowest() {
    if (first >= 0) {
      return first;
    }
    return last == 0 ? Long.MAX_VALUE : 0;
  }

  /**
   * Limits this range to the bytes that a blob has.
   *
   * @param size the size of the blob in bytes, 0 or more
   * @return null if the whole blob must be sent, because the client requests several ranges
   * @throws OciException with {@link OciError#RANGE_UNSATISFIABLE} if the range contains no byte of
   *     the blob
   */
  public @Nullable ByteRange resolve(long size) {
    if (lowest() >= size) {
      throw OciException.unsatisfiable(size);
    }
    if (several) {
      return null;
    }
    return first >= 0
        ? new ByteRange(first, Math.min(last, size - 1))
        : new ByteRange(Math.max(0, size - last), size - 1);
  }
}
