package io.entrepot.catalog;

import io.entrepot.oci.RepositoryName;

/**
 * Repositories whose names stand next to each other in ASCII order: one, or all of an upstream.
 *
 * @param from the first name that may be one of them
 * @param to the first text behind their names
 */
public record RepositoryRange(String from, String to) {
  /** One repository. */
  public static RepositoryRange of(RepositoryName repository) {
    // The character sorts before all that may stand in a name.
    return new RepositoryRange(repository.value(), repository.value() + "!");
  }

  /**
   * All repositories of an upstream.
   *
   * @param upstream the first component of their names
   */
  public static RepositoryRange ofUpstream(String upstream) {
    return new RepositoryRange(upstream + "/", upstream + "0"); // the character after the slash
  }

  /** Whether a repository is one of them. */
  public boolean contains(RepositoryName repository) {
    String name = repository.value();
    return name.compareTo(from) >= 0 && name.compareTo(to) < 0;
  }
}
