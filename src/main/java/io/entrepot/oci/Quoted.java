package io.entrepot.oci;

/** Quotes untrusted text for a message: in quotes, shortened, control characters replaced. */
public final class Quoted {
  private static final int MAX = 96;

  private Quoted() {}

  /**
   * Quotes untrusted text.
   *
   * @param text any text that a client or an upstream has sent
   * @return at most 96 characters of the text in quotes, then an ellipsis if it was longer. All
   *     characters are printable, so that the text cannot forge a log line or a header (S11).
   */
  public static String of(String text) {
    return of(text, MAX);
  }

  /**
   * Like {@link #of(String)}, with another limit.
   *
   * @param max how many characters of the text are kept, 0 or more
   */
  public static String of(String text, int max) {
    return '"' + plain(text, max) + '"';
  }

  /**
   * Makes untrusted text safe for a message, without quotes around it.
   *
   * @param max how many characters of the text are kept, 0 or more; an ellipsis shows that there
   *     were more
   */
  public static String plain(String text, int max) {
    int length = Math.min(text.length(), max);
    StringBuilder out = new StringBuilder(length + 1);
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      out.append(isPlain(c) ? c : '?');
    }
    return out.append(text.length() > max ? "…" : "").toString();
  }

  /**
   * Whether a character may stand in a message. Control characters, quotes, and invisible
   * characters that reorder or break a line may not.
   */
  private static boolean isPlain(char c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> c != '"';
    };
  }
}
