package io.entrepot.catalog;

import io.entrepot.oci.NamePattern;

/**
 * A pattern of references that never expire.
 *
 * @param repositories the canonical names that are meant
 * @param tags which of their tags
 */
public record Pin(NamePattern repositories, NamePattern tags) {
  private static final NamePattern ALL = new NamePattern("*");

  /**
   * Reads patterns of a repository and of its tags with a colon in between, such as {@code
   * library/*:latest}; without a colon all tags are meant.
   *
   * @throws IllegalArgumentException with a hint that does not repeat the text
   */
  public static Pin parse(String text) {
    int colon = text.lastIndexOf(':');
    return colon < 0
        ? new Pin(NamePattern.parseForRepositories(text), ALL)
        : new Pin(
            NamePattern.parseForRepositories(text.substring(0, colon)),
            NamePattern.parseForTags(text.substring(colon + 1)));
  }

  @Override
  public String toString() {
    return repositories + ":" + tags;
  }
}
