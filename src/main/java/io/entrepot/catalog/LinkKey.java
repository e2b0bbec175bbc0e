package io.entrepot.catalog;

import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;

/** The identity of a link. */
public record LinkKey(RepositoryName repository, Digest digest, LinkKind kind) {
  @Override
  public String toString() {
    return repository + "@" + digest + " (" + kind + ")";
  }
}
