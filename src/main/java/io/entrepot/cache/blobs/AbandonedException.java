package io.entrepot.cache.blobs;

import io.entrepot.oci.Digest;
import java.io.IOException;

/** A blob or a part of one was no longer fetched, since all clients that wanted it have left. */
final class AbandonedException extends IOException {
  private static final long serialVersionUID = 1L;

  AbandonedException(Digest digest) {
    super("nobody waits for " + digest + " any more");
  }
}
