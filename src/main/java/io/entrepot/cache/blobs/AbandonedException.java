package io.entrepot.cache.blobs;

import io.entrepot.oci.Digest;
import java.io.IOException;

/** A fill was stopped because all its clients have left. */
final class AbandonedException extends IOException {
  private static final long serialVersionUID = 1L;

  AbandonedException(Digest digest) {
    super("the fill of " + digest + " was stopped because all clients have left");
  }
}
