package io.entrepot.boot;

import io.entrepot.catalog.Catalog;
import io.entrepot.database.ChangeFeed;
import io.entrepot.oci.Digest;
import java.util.List;

/** What a node remembers, and other nodes may change. */
record NodeMemory(LocalStorage storage, SharedRests rests) implements ClusterNode.Memory {
  @Override
  public Catalog catalog() {
    return storage.catalog();
  }

  @Override
  public void pinsChanged() {
    storage.pins().readAgain();
  }

  @Override
  public void blobsGone(List<Digest> digests) {
    storage.dropCopies(digests);
  }

  @Override
  public void upstreamChanged(ChangeFeed.Change change) {
    rests.heard(change);
  }

  @Override
  public void mayBeWrong() {
    storage.suspect();
  }

  @Override
  public void nodeDied() {
    storage.nodeDied();
  }
}
