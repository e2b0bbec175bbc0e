package io.entrepot.access;

/**
 * A pattern of repositories by their names in this cache. {@code *} matches any characters but a
 * slash, {@code **} matches any characters. Every other character matches itself.
 *
 * @param pattern the text of the pattern
 */
public record RepositoryPattern(String pattern) {
  private static final String ALL = "**";

  /**
   * Whether the whole name matches. The time is at most proportional to the product of both
   * lengths.
   */
  public boolean matches(String name) {
    if (pattern.equals(ALL)) {
      return true;
    }
    // reached[i]: the part of the pattern that was read so far matches the first i characters
    boolean[] reached = new boolean[name.length() + 1];
    reached[0] = true;
    for (int at = 0; at < pattern.length(); at++) {
      if (pattern.charAt(at) != '*') {
        step(reached, name, pattern.charAt(at));
        continue;
      }
      boolean isDeep = pattern.startsWith(ALL, at);
      spread(reached, name, isDeep);
      at += isDeep ? 1 : 0;
    }
    return reached[name.length()];
  }

  private static void step(boolean[] reached, String name, char c) {
    for (int i = name.length(); i > 0; i--) {
      reached[i] = reached[i - 1] && name.charAt(i - 1) == c;
    }
    reached[0] = false;
  }

  private static void spread(boolean[] reached, String name, boolean isDeep) {
    for (int i = 1; i < reached.length; i++) {
      reached[i] |= reached[i - 1] && (isDeep || name.charAt(i - 1) != '/');
    }
  }

  @Override
  public String toString() {
    return pattern;
  }
}
