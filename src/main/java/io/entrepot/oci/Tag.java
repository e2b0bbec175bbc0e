package io.entrepot.oci;

/**
 * A name that points to a manifest of a repository and may later point to another one
 * (distribution-spec 1.1, "Pulling manifests").
 *
 * @param value the tag: 1 to 128 letters, digits, underscores, dots or dashes; the first character
 *     is not a dot or dash
 */
public record Tag(String value) implements Reference {
  private static final int MAX_LENGTH = 128;

  public Tag {
    if (!isValid(value)) {
      throw new IllegalArgumentException("not a tag");
    }
  }

  /**
   * Reads untrusted text.
   *
   * @throws OciException with {@link OciError#TAG_INVALID}
   */
  public static Tag parse(String text) {
    if (!isValid(text)) {
      throw new OciException(
          OciError.TAG_INVALID,
          Quoted.of(text) + " is not a tag: 1 to 128 letters, digits, '_', '.' or '-'");
    }
    return new Tag(text);
  }

  static boolean isValid(String text) {
    if (text.isEmpty() || text.length() > MAX_LENGTH) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean word = Ascii.isLetterOrDigit(c) || c == '_';
      boolean inner = i > 0 && (c == '.' || c == '-');
      if (!word && !inner) {
        return false;
      }
    }
    return true;
  }

  @Override
  public String toString() {
    return value;
  }
}
