package io.entrepot.access;

import java.util.Optional;

/** The names of repositories in the tokens of somebody else's token service. Thread-safe. */
public interface NamesInTokens {
  /**
   * The name in this cache of what a token names.
   *
   * @return empty if it leads to nothing
   */
  Optional<String> canonical(String inToken);

  /** The shortest name that a token can have for a repository. */
  String inToken(String canonical);
}
