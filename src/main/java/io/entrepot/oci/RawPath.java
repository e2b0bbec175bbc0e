package io.entrepot.oci;

/**
 * The check of a request path exactly as it came over the wire, before any server has decoded or
 * normalised it: servers differ in what they let through (S10).
 */
final class RawPath {
  private static final int MAX_LENGTH = 1024;

  private RawPath() {}

  /**
   * Checks a path.
   *
   * @return the path, in which the one harmless escape, {@code %3A} for the colon of a digest, has
   *     been resolved
   * @throws OciException with {@link OciError#NAME_INVALID} for path parameters, any other escape,
   *     backslashes, empty or dot segments, and anything outside printable ASCII
   */
  static String check(String raw) {
    if (raw.length() > MAX_LENGTH) {
      throw invalid(raw, "it is longer than " + MAX_LENGTH + " characters");
    }
    String path = raw.replace("%3A", ":").replace("%3a", ":");
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c <= ' ' || c >= 0x7f || c == '%' || c == ';' || c == '\\') {
        throw invalid(raw, "it has an encoded or forbidden character at " + i);
      }
    }
    if (path.contains("//") || path.contains("/./") || path.contains("/../")) {
      throw invalid(raw, "it has an empty or dot segment");
    }
    if (path.endsWith("/.") || path.endsWith("/..")) {
      throw invalid(raw, "it ends in a dot segment");
    }
    return path;
  }

  private static OciException invalid(String raw, String why) {
    return new OciException(
        OciError.NAME_INVALID, "the path " + Quoted.of(raw) + " is refused: " + why);
  }
}
