package io.entrepot.oci;

import java.util.Optional;

/**
 * The name of a repository, such as {@code library/alpine} (distribution-spec 1.1, "Pulling
 * manifests"): components separated by slashes. A component is lowercase letters and digits;
 * between them may stand one dot, one or two underscores, or dashes.
 *
 * @param value the name, 1 to 255 characters; up to 511 if this program has put a name in front
 */
public record RepositoryName(String value) {
  /** The longest name that a client may send, and that can be put in front of one. */
  public static final int MAX_LENGTH = 255;

  /** Two such names and a slash. */
  private static final int MAX_JOINED = 2 * MAX_LENGTH + 1;

  public RepositoryName {
    if (!isValid(value, MAX_JOINED)) {
      throw new IllegalArgumentException("not a repository name");
    }
  }

  /**
   * Reads untrusted text.
   *
   * @throws OciException with {@link OciError#NAME_INVALID}
   */
  public static RepositoryName parse(String text) {
    if (!isValid(text, MAX_LENGTH)) {
      throw new OciException(
          OciError.NAME_INVALID,
          Quoted.of(text)
              + " is not a repository name: lowercase letters and digits, separated by '/', '.',"
              + " '_', '__' or '-', at most 255 characters");
    }
    return new RepositoryName(text);
  }

  /** Reads text that this program has written itself. */
  public static RepositoryName of(String text) {
    return new RepositoryName(text);
  }

  /** The part before the first slash; the whole name if it has no slash. */
  public String firstComponent() {
    int slash = value.indexOf('/');
    return slash < 0 ? value : value.substring(0, slash);
  }

  /** The part after the first slash; empty if the name has no slash. */
  public Optional<RepositoryName> withoutFirst() {
    int slash = value.indexOf('/');
    return slash < 0 ? Optional.empty() : Optional.of(of(value.substring(slash + 1)));
  }

  /**
   * The name {@code parent/this}.
   *
   * @throws OciException with {@link OciError#NAME_INVALID} if the name becomes too long
   */
  public RepositoryName below(String parent) {
    return parse(parent + "/" + value);
  }

  /**
   * The part after {@code parent/}.
   *
   * @return empty if the name does not begin with it
   */
  public Optional<RepositoryName> relativeTo(RepositoryName parent) {
    return value.startsWith(parent + "/")
        ? Optional.of(of(value.substring(parent.value().length() + 1)))
        : Optional.empty();
  }

  /** Whether a client can send this name. */
  public boolean isShortEnough() {
    return value.length() <= MAX_LENGTH;
  }

  private static boolean isValid(String text, int longest) {
    if (text.isEmpty() || text.length() > longest) {
      return false;
    }
    int at = 0;
    while (true) {
      int wordEnd = skipWord(text, at);
      if (wordEnd == at) {
        return false;
      }
      if (wordEnd == text.length()) {
        return true;
      }
      at = skipSeparator(text, wordEnd);
      if (at == wordEnd) {
        return false;
      }
    }
  }

  private static int skipWord(String text, int from) {
    int at = from;
    while (at < text.length() && Ascii.isLowerOrDigit(text.charAt(at))) {
      at++;
    }
    return at;
  }

  private static int skipSeparator(String text, int from) {
    char separator = text.charAt(from);
    if (separator == '-') {
      int at = from;
      while (at < text.length() && text.charAt(at) == '-') {
        at++;
      }
      return at;
    }
    if (separator == '_' && text.startsWith("__", from)) {
      return from + 2;
    }
    return separator == '/' || separator == '.' || separator == '_' ? from + 1 : from;
  }

  @Override
  public String toString() {
    return value;
  }
}
