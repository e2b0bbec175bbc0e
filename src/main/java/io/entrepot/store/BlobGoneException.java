package io.entrepot.store;

import io.entrepot.oci.Digest;
import java.io.IOException;

/**
 * A blob that was found is not to be had any more: it was removed, or its file cannot be opened.
 * Whoever asked looks for it again, and does not find it.
 */
public final class BlobGoneException extends IOException {
  private static final long serialVersionUID = 1L;

  public BlobGoneException(Digest digest, Throwable cause) {
    super("blob " + digest + " was found, and is gone or cannot be opened", cause);
  }
}
