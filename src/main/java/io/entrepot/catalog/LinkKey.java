package io.entrepot.catalog;

import io.entrepot.memory.Weight;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;

/** The identity of a link. */
public record LinkKey(RepositoryName repository, Digest digest, LinkKind kind) {
  /** The bytes that an entry of a map takes for it. */
  public int weight() {
    return Weight.ENTRY
        + 2 * Weight.RECORD
        + Weight.ofAscii(repository.value())
        + Weight.ofAscii(digest.hex());
  }

  @Override
  public String toString() {
    return repository + "@" + digest + " (" + kind + ")";
  }
}
