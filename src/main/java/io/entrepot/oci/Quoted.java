package io.entrepot.oci;

/** Untrusted text made safe for a message: quoted, cut short, control characters replaced. */
public final class Quoted {
  private static final int MAX = 96;

  private Quoted() {}

  /**
   * Quotes untrusted text.
   *
   * @param text anything a client or an upstream sent
   * @return the text in quotes, of at most 96 characters and an ellipsis, printable only, so that a
   *     log line or a header cannot be forged (S11)
   */
  public static String of(String text) {
    return of(text, MAX);
  }

  /** As {@link #of(String)}, with another bound on the length. */
  public static String of(String text, int max) {
    int length = Math.min(text.length(), max);
    StringBuilder out = new StringBuilder(length + 3).append('"');
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      out.append(isPlain(c) ? c : '?');
    }
    return out.append(text.length() > max ? "…\"" : "\"").toString();
  }

  /** No control, no quote, and none of the invisible marks that reorder or break a line. */
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
