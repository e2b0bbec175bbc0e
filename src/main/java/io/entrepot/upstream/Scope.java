package io.entrepot.upstream;

import io.entrepot.oci.RepositoryName;

/**
 * The right that a token gives (distribution's "Token Scope"), such as {@code
 * repository:library/alpine:pull}.
 *
 * @param value empty for a token that gives no right and only says who we are
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
