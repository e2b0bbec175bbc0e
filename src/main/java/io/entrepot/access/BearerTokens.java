package io.entrepot.access;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Reads the tokens of one who signs them. Never blocks. Thread-safe. */
public interface BearerTokens {
  /** What is said of a token. */
  sealed interface Verdict {
    /** It is valid. */
    record Valid(ProvenToken proven) implements Verdict {}

    /** Somebody else has signed it. */
    record Foreign() implements Verdict {}

    /**
     * It does not count.
     *
     * @param why for the client; quotes nothing of the token
     */
    record Refused(String why) implements Verdict {}

    /** The key that has signed it is not known, and cannot be had now. */
    record Unavailable() implements Verdict {}
  }

  /** What a token proves that was verified before and still counts. Asks only memory. */
  Optional<ProvenToken> remembered(String token);

  /** Verifies a token. The future never fails. */
  CompletableFuture<Verdict> verify(String token);
}
