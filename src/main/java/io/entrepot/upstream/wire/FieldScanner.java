package io.entrepot.upstream.wire;

import org.jspecify.annotations.Nullable;

/** Reads the value of a header field from left to right, by the grammar of RFC 9110, 5.6. */
public final class FieldScanner {
  private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";
  private static final String TOKEN68_MARKS = "-._~+/";

  private final String text;
  private int at;

  public FieldScanner(String text) {
    this.text = text;
  }

  public boolean atEnd() {
    return at == text.length();
  }

  public int position() {
    return at;
  }

  public void backTo(int position) {
    at = position;
  }

  public boolean at(char c) {
    return at < text.length() && text.charAt(at) == c;
  }

  public boolean take(char c) {
    if (at(c)) {
      at++;
      return true;
    }
    return false;
  }

  /** Skips optional whitespace and returns whether there was any. */
  public boolean skipSpace() {
    int start = at;
    while (at(' ') || at('\t')) {
      at++;
    }
    return at > start;
  }

  /** Skips whitespace and commas: lists may have empty elements (RFC 9110, 5.6.1.2). */
  public void skipSeparators() {
    while (skipSpace() || take(',')) {
      // Both have moved the cursor.
    }
  }

  /** A token of at least one character, or null without moving. */
  public @Nullable String token() {
    int start = at;
    while (at < text.length() && isTokenChar(text.charAt(at))) {
      at++;
    }
    return at == start ? null : text.substring(start, at);
  }

  /** A token68 (RFC 9110, 11.2), or null without moving. */
  public @Nullable String token68() {
    int start = at;
    while (at < text.length() && isOneOf(text.charAt(at), TOKEN68_MARKS)) {
      at++;
    }
    if (at == start) {
      return null;
    }
    while (at('=')) {
      at++;
    }
    return text.substring(start, at);
  }

  /** The content of a quoted string, its escapes resolved, or null without moving. */
  @Nullable String quotedString() {
    int start = at;
    if (!take('"')) {
      return null;
    }
    StringBuilder content = new StringBuilder();
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == '"') {
        return content.toString();
      }
      if (c == '\\' && at < text.length()) {
        c = text.charAt(at++);
      }
      content.append(c);
    }
    at = start;
    return null;
  }

  /** A token or a quoted string, or null without moving. */
  public @Nullable String value() {
    return at('"') ? quotedString() : token();
  }

  /** The text before the next such character, or null without moving. */
  public @Nullable String until(char end) {
    int found = text.indexOf(end, at);
    if (found < 0) {
      return null;
    }
    String content = text.substring(at, found);
    at = found;
    return content;
  }

  private static boolean isTokenChar(char c) {
    return isOneOf(c, TOKEN_MARKS);
  }

  private static boolean isOneOf(char c, String marks) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || marks.indexOf(c) >= 0;
  }
}
