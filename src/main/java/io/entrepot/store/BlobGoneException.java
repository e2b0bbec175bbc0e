package io.entrepot.store;

import io.entrepot.oci.Digest;
import java.io.IOException;

/** A blob was removed after it was found: whoever asked looks for it again. */
public final class BlobGoneException extends IOException {
  private static final long serialVersionUID = 1L;

  public BlobGoneException(Digest digest, Throwable cause) {
    super("blob " + digest + " was removed after it was found", cause);
  }
}
