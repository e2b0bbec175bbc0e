package io.entrepot.upstream;

import io.entrepot.oci.RepositoryName;

/**
 * What a token is good for (distribution's "Token Scope"), such as {@code
 * repository:library/alpine:pull}.
 *
 * @param value empty for no right but to be known
 */
record Scope(String value) {
  static final Scope NONE = new Scope("");

  /** To read one repository. */
  static Scope pull(RepositoryName repository) {
    return new Scope("repository:" + repository + ":pull");
  }

  @Override
  public String toString() {
    return value;
  }
}
