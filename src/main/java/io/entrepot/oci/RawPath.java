package io.entrepot.oci;

/**
 * Checks a request path exactly as the client sent it, not decoded and not normalised. Servers
 * differ in which paths they refuse, so this check does not rely on them (S10).
 */
public final class RawPath {
  private static final int MAX_LENGTH = 1024;

  /** Escapes, path parameters, and what no path may contain (RFC 3986, 3.3). */
  private static final String FORBIDDEN = "%;\\\"<>[]^`{|}";

  /** Each request is checked, so that one look tells of a character. */
  private static final boolean[] ALLOWED = new boolean[0x7f];

  static {
    for (char c = '!'; c < ALLOWED.length; c++) {
      ALLOWED[c] = FORBIDDEN.indexOf(c) < 0;
    }
  }

  private RawPath() {}

  /**
   * Checks a path.
   *
   * @return the path; the escape {@code %3A}, the colon of a digest, is decoded because it is
   *     harmless
   * @throws OciException with {@link OciError#NAME_INVALID} for path parameters, every other
   *     escape, characters that a path may not contain, empty segments and dot segments
   */
  public static String check(String raw) {
    if (raw.length() > MAX_LENGTH) {
      throw invalid(raw, "it is longer than " + MAX_LENGTH + " characters");
    }
    String path = raw.indexOf('%') < 0 ? raw : raw.replace("%3A", ":").replace("%3a", ":");
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c >= ALLOWED.length || !ALLOWED[c]) {
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
