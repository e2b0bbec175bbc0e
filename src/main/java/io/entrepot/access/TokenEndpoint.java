package io.entrepot.access;

import java.io.IOException;
import java.net.URI;
import java.util.Optional;

/** Asks a provider for the tokens of a person who has logged in there (RFC 6749, 3.2). */
public interface TokenEndpoint {
  /**
   * Sends a form. It blocks, up to a deadline of its own.
   *
   * @param authorization the header of this name; empty for none
   * @param max the most bytes of the answer
   * @return the answer; empty if the provider refuses
   * @throws IOException if it does not answer; the message says why and has no secret
   */
  Optional<byte[]> ask(URI url, String form, Optional<String> authorization, int max)
      throws IOException;
}
