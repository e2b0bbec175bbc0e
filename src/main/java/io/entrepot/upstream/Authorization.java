package io.entrepot.upstream;

/** The proof that goes with a request. */
sealed interface Authorization {
  /** The value of the {@code Authorization} header. */
  String header();

  /** A user and a password (RFC 7617). */
  record Basic(Credentials.Password credentials) implements Authorization {
    @Override
    public String header() {
      return credentials.basic();
    }
  }

  /**
   * A token (RFC 6750).
   *
   * @param key what it depends on
   * @param fetched whether it was fetched for this very call
   */
  record Bearer(TokenCache.Key key, Token token, boolean fetched) implements Authorization {
    @Override
    public String header() {
      return "Bearer " + token.secret();
    }
  }
}
