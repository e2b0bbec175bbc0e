package io.entrepot.oci;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * The part of a list that a client requests (distribution-spec 1.1, "Listing tags").
 *
 * @param n the maximal number of entries, 0 or more; null if the client set no limit
 * @param last the page begins after this entry; null to begin with the first entry. Some registries
 *     write a token of their own into their links instead of an entry.
 * @param cursor where the list goes on by the upstream's own link; null if the client follows no
 *     such link. Then {@code last} is null.
 */
public record Page(@Nullable Integer n, @Nullable String last, @Nullable Cursor cursor) {
  /** The whole list. */
  public static final Page ALL = new Page(null, null);

  private static final int MAX_LAST = 4096;
  private static final int MAX_DIGITS = 9;

  /** A page by number and last entry. */
  public Page(@Nullable Integer n, @Nullable String last) {
    this(n, last, null);
  }

  /**
   * Reads the query parameters of a list.
   *
   * @throws OciException with {@link OciError#PAGE_INVALID}
   */
  static Page parse(Query query) {
    Page page = parse(query.get("n"), query.get("last"));
    String cursor = query.get(Cursor.PARAMETER);
    return cursor == null ? page : new Page(page.n, null, Cursor.parse(cursor));
  }

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

  /** The query by which a registry is asked for this page; empty for the whole list. */
  public String query() {
    if (cursor != null) {
      return cursor.query();
    }
    StringJoiner query = new StringJoiner("&");
    if (n != null) {
      query.add("n=" + n);
    }
    if (last != null) {
      query.add("last=" + URLEncoder.encode(last, StandardCharsets.UTF_8));
    }
    return query.toString();
  }

  /** Whether this begins after an entry that a client can have seen, and not after a token. */
  public boolean isAfterTag() {
    return last != null && Tag.isValid(last);
  }
}
