package io.entrepot.catalog;

import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;

/** What tells one link from another. */
record LinkKey(RepositoryName repository, Digest digest, LinkKind kind) {
  @Override
  public String toString() {
    return repository + "@" + digest + " (" + kind + ")";
  }
}
