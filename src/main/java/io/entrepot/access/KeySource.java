package io.entrepot.access;

import java.io.IOException;
import java.net.URI;

/** Reads what a provider publishes. */
public interface KeySource extends AutoCloseable {
  /**
   * Reads a document. It blocks, up to a deadline of its own.
   *
   * @param max the most bytes
   * @throws IOException if it cannot be read; the message says why and has no secret
   */
  byte[] read(URI url, int max) throws IOException;

  @Override
  void close();
}
