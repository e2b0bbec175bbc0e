package io.entrepot.cache;

import io.entrepot.oci.Digest;
import java.io.IOException;

/** A part of a blob was no longer fetched, since the one client that wanted it has left. */
final class AbandonedException extends IOException {
  private static final long serialVersionUID = 1L;

  AbandonedException(Digest digest) {
    super("nobody wants this part of " + digest + " any more");
  }
}
