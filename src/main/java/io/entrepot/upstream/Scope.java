package io.entrepot.upstream;

import io.entrepot.oci.RepositoryName;

/**
 * What a token is good for (distribution's "Token Scope"), such as {@code
 * repository:library/alpine:pull}.
 *
 * @param value empty for no right but to be known
 */
public record Scope(String value) {
  public static final Scope NONE = new Scope("");

  /** To read one repository. */
  public static Scope pull(RepositoryName repository) {
    return new Scope("repository:" + repository + ":pull");
  }

  @Override
  public String toString() {
    return value;
  }
}
