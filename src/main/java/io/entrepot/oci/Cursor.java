package io.entrepot.oci;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Where a list goes on by the upstream's own link. A client gets it in our {@code Link} and sends
 * it back. It holds nothing of the link but its query, so a client can only ask for another part of
 * the same list of the same upstream with it.
 *
 * @param pages how many pages of the upstream came before this one, at least 1
 * @param mark an entry of an earlier page; empty if there is none. A page that has it again belongs
 *     to a list that goes round in circles.
 * @param after the entry of this page with which the last part ended; empty to begin the page
 * @param query the query of the upstream's link, as the upstream wrote it
 */
public record Cursor(int pages, String mark, String after, String query) {
  /** The query parameter that carries it. */
  public static final String PARAMETER = "entrepot-page";

  /**
   * The longest query of an upstream that is passed on. Those of ECR have over 1,000 characters.
   */
  public static final int MAX_QUERY = 4096;

  private static final int MAX_PAGES = 100_000;
  private static final int PARTS = 4;
  private static final Pattern PAGES = Pattern.compile("[1-9][0-9]{0,5}");
  private static final Pattern ENTRY = Pattern.compile("[A-Za-z0-9_.:-]{0,200}");

  /**
   * What a query may consist of (RFC 3986, 3.4): whole escapes, and none of a control character.
   */
  private static final Pattern QUERY =
      Pattern.compile(
          "(?:[A-Za-z0-9._~!$&'()*+,;=:@/?\\[\\]-]" + "|%(?!7[Ff])[2-9A-Fa-f][0-9A-Fa-f])*+");

  /**
   * Reads untrusted text.
   *
   * @throws OciException with {@link OciError#PAGE_INVALID}
   */
  public static Cursor parse(String text) {
    String[] parts = text.split(",", PARTS);
    boolean valid =
        parts.length == PARTS
            && PAGES.matcher(parts[0]).matches()
            && ENTRY.matcher(parts[1]).matches()
            && ENTRY.matcher(parts[2]).matches()
            && isQuery(parts[3]);
    if (!valid) {
      throw new OciException(
          OciError.PAGE_INVALID,
          PARAMETER + "=" + Quoted.of(text) + " is not from a Link of this registry");
    }
    return new Cursor(Integer.parseInt(parts[0]), parts[1], parts[2], parts[3]);
  }

  /** Whether text can be the query of a URL, and no control character is in it. */
  public static boolean isQuery(String text) {
    return text.length() <= MAX_QUERY && QUERY.matcher(text).matches();
  }

  /**
   * The page after this one.
   *
   * <p>The mark moves each time the number of pages has doubled. So a circle of any length is found
   * while it is gone through for the third time at the latest (Brent's algorithm).
   *
   * @param entries the entries of this page
   * @param next the query of the upstream's link to the next page
   */
  public Cursor next(List<String> entries, String next) {
    boolean doubled = Integer.bitCount(pages) == 1;
    String other = entries.isEmpty() || !(doubled || mark.isEmpty()) ? mark : entries.get(0);
    return new Cursor(pages + 1, other, "", next);
  }

  /** The rest of this page after an entry. */
  public Cursor after(String entry) {
    return new Cursor(pages, mark, entry, query);
  }

  /** Whether a page with these entries shows that the list goes round in circles or has no end. */
  public boolean isEndless(List<String> entries) {
    return pages >= MAX_PAGES || (!mark.isEmpty() && entries.contains(mark));
  }

  /** The text that {@link #parse} reads. */
  @Override
  public String toString() {
    return pages + "," + mark + "," + after + "," + query;
  }
}
