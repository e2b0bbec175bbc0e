package io.entrepot.oci;

/**
 * A pattern of names. {@code *} matches any number of characters, also none, also slashes. {@code
 * ?} matches exactly one character. Every other character matches itself.
 *
 * @param pattern the text of the pattern, 1 to 511 characters
 */
public record NamePattern(String pattern) {
  /** As long as the longest name in this cache. */
  private static final int MAX_LENGTH = 511;

  public NamePattern {
    if (pattern.isEmpty() || pattern.length() > MAX_LENGTH) {
      throw new IllegalArgumentException("not 1 to " + MAX_LENGTH + " characters");
    }
  }

  /**
   * Reads a pattern of repository names.
   *
   * @throws IllegalArgumentException if no repository name can match the pattern; the message does
   *     not repeat the text
   */
  public static NamePattern parseForRepositories(String text) {
    try {
      RepositoryName.parse(sample(text));
    } catch (OciException e) {
      throw new IllegalArgumentException(
          "no repository name can match it; * and ? stand for characters, as in library/*", e);
    }
    return new NamePattern(text);
  }

  /**
   * Reads a pattern of tags.
   *
   * @throws IllegalArgumentException if no tag can match the pattern; the message does not repeat
   *     the text
   */
  public static NamePattern parseForTags(String text) {
    try {
      Tag.parse(sample(text));
    } catch (OciException e) {
      throw new IllegalArgumentException(
          "no tag can match it; * and ? stand for characters, as in v*.*.*", e);
    }
    return new NamePattern(text);
  }

  /**
   * A name that matches the pattern. If any valid name matches, this one is valid, because a letter
   * is allowed beside every character.
   */
  private static String sample(String text) {
    return text.replace('*', 'a').replace('?', 'a');
  }

  /**
   * Whether the whole name matches. The time is at most proportional to the product of both
   * lengths: after a star has matched, the loop never goes back to a star before it.
   */
  public boolean matches(String name) {
    int at = 0;
    int in = 0;
    int star = -1;
    int resume = 0;
    while (in < name.length()) {
      char c = at < pattern.length() ? pattern.charAt(at) : '\0';
      if (c == '*') {
        star = at++;
        resume = in;
      } else if (at < pattern.length() && (c == '?' || c == name.charAt(in))) {
        at++;
        in++;
      } else if (star >= 0) {
        at = star + 1;
        in = ++resume;
      } else {
        return false;
      }
    }
    while (at < pattern.length() && pattern.charAt(at) == '*') {
      at++;
    }
    return at == pattern.length();
  }

  /** Whether it matches more than one name. */
  public boolean isWild() {
    return isWild(pattern);
  }

  /** Whether a pattern, or a part of one, matches more than one name. */
  public static boolean isWild(String text) {
    return text.indexOf('*') >= 0 || text.indexOf('?') >= 0;
  }

  @Override
  public String toString() {
    return pattern;
  }
}
