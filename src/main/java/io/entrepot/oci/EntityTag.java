package io.entrepot.oci;

import java.util.List;

/**
 * The strong entity tag of content: its digest in quotes. A digest identifies the exact bytes (RFC
 * 9110, 8.8.3).
 *
 * @param value the text in the header, with its quotes
 */
public record EntityTag(String value) {
  public static EntityTag of(Digest digest) {
    return new EntityTag('"' + digest.toString() + '"');
  }

  /**
   * Whether the client already has this content (RFC 9110, 13.1.2). Weak tags count as strong ones.
   *
   * @param ifNoneMatch the values of all header fields with this name; they are one list
   */
  public boolean isIn(List<String> ifNoneMatch) {
    if (ifNoneMatch.size() == 1 && Ascii.stripSpace(ifNoneMatch.get(0)).equals("*")) {
      return true;
    }
    return ifNoneMatch.stream().anyMatch(this::isInField);
  }

  /** Looks at each quoted text of a list. A comma within the quotes is a part of a tag. */
  private boolean isInField(String field) {
    int open = field.indexOf('"');
    int end = 0;
    while (open >= 0) {
      int close = field.indexOf('"', open + 1);
      if (close < 0) {
        return false;
      }
      int begin = Math.max(end, field.lastIndexOf(',', open) + 1);
      String weakness = Ascii.stripSpace(field.substring(begin, open));
      end = close + 1;
      if ((weakness.isEmpty() || weakness.equals("W/"))
          && field.substring(open, end).equals(value)) {
        return true;
      }
      open = field.indexOf('"', end);
    }
    return false;
  }

  @Override
  public String toString() {
    return value;
  }
}
