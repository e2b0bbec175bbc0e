package io.entrepot.access;

/**
 * A claim that a token must have.
 *
 * @param claim its name
 * @param pattern what its value must match, or one of its values if it is a list
 */
public record RequiredClaim(String claim, RepositoryPattern pattern) {
  /** Longer values match nothing: the time of a match grows with the length. */
  private static final int MAX_VALUE = 1024;

  boolean holds(TokenClaims claims) {
    return claims
        .values(claim)
        .anyMatch(value -> value.length() <= MAX_VALUE && pattern.matches(value));
  }
}
