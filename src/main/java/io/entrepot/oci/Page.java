package io.entrepot.oci;

import org.jspecify.annotations.Nullable;

/**
 * The part of a list that a client requests (distribution-spec 1.1, "Listing tags").
 *
 * @param n the maximal number of entries, 0 or more; null if the client set no limit
 * @param last the page begins after this entry; null to begin with the first entry
 */
public record Page(@Nullable Integer n, @Nullable String last) {
  /** The whole list. */
  public static final Page ALL = new Page(null, null);

  private static final int MAX_LAST = 512;
  private static final int MAX_DIGITS = 9;

  /**
   * Reads the two untrusted query parameters.
   *
   * @param n decimal digits. A number with more than nine digits is read as 999,999,999, since no
   *     list is longer.
   * @throws OciException with {@link OciError#PAGE_INVALID}
   */
  public static Page parse(@Nullable String n, @Nullable String last) {
    if (last != null && last.length() > MAX_LAST) {
      throw new OciException(
          OciError.PAGE_INVALID, "last=" + Quoted.of(last) + " is longer than " + MAX_LAST);
    }
    return new Page(n == null ? null : parseCount(n), last == null || last.isEmpty() ? null : last);
  }

  private static int parseCount(String n) {
    boolean digits = !n.isEmpty() && n.chars().allMatch(c -> Ascii.isDigit((char) c));
    if (!digits) {
      throw new OciException(
          OciError.PAGE_INVALID, "n=" + Quoted.of(n) + " is not a number of 0 or more");
    }
    String significant = n.replaceFirst("^0+(?=.)", "");
    return significant.length() > MAX_DIGITS ? 999_999_999 : Integer.parseInt(significant);
  }
}
