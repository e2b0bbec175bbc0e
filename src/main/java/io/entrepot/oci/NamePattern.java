package io.entrepot.oci;

/**
 * A pattern of names: {@code *} stands for any characters, none and slashes included, {@code ?} for
 * exactly one, everything else for itself.
 *
 * @param pattern 1 to 255 characters
 */
public record NamePattern(String pattern) {
  private static final int MAX_LENGTH = 255;

  public NamePattern {
    if (pattern.isEmpty() || pattern.length() > MAX_LENGTH) {
      throw new IllegalArgumentException("not 1 to " + MAX_LENGTH + " characters");
    }
  }

  /**
   * Reads a pattern of repository names.
   *
   * @throws IllegalArgumentException with a hint that does not repeat the text, where no repository
   *     name can match it
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
   * @throws IllegalArgumentException with a hint that does not repeat the text, where no tag can
   *     match it
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

  /** If any name matches, this one does: a letter may stand beside whatever is written out. */
  private static String sample(String text) {
    return text.replace('*', 'a').replace('?', 'a');
  }

  /**
   * Whether a whole name matches. Takes at most the product of both lengths: a later star makes
   * going back to an earlier one needless.
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

  @Override
  public String toString() {
    return pattern;
  }
}
