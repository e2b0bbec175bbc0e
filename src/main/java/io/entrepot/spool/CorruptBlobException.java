package io.entrepot.spool;

import java.io.IOException;

/** The bytes are not those of the blob that was asked for. */
public final class CorruptBlobException extends IOException {
  private static final long serialVersionUID = 1L;

  public CorruptBlobException(String message) {
    super(message);
  }
}
