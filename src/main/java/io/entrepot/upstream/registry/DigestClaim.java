package io.entrepot.upstream.registry;

import io.entrepot.oci.Digest;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.wire.Answer;
import io.entrepot.upstream.wire.UpstreamFailures;
import java.util.Optional;

/** The digest that an upstream claims for its content: {@code Docker-Content-Digest}. */
final class DigestClaim {
  private static final String HEADER = "Docker-Content-Digest";

  private DigestClaim() {}

  /**
   * Reads the claim. One by an algorithm that cannot be verified here says nothing.
   *
   * @return empty where there is none
   * @throws UpstreamException with INVALID where it is no digest
   */
  static Optional<Digest> read(Answer answer) throws UpstreamException {
    String header = answer.header(HEADER);
    if (header == null || header.isBlank()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Digest.parse(header.strip()));
    } catch (OciException e) {
      if (e.error() == OciError.ALGORITHM_UNSUPPORTED) {
        return Optional.empty();
      }
      throw UpstreamFailures.invalid(answer, "its " + HEADER + " " + e.getMessage());
    }
  }

  /** Reads the claim; empty where there is none that can be read. */
  static Optional<Digest> find(Answer answer) {
    try {
      return read(answer);
    } catch (UpstreamException e) {
      return Optional.empty();
    }
  }

  /**
   * Refuses a claim that contradicts the digest that was asked for. A claim by another algorithm
   * says nothing. Without a claim nothing is lost, since the bytes are hashed anyway.
   */
  static void check(Answer answer, Digest asked) throws UpstreamException {
    Digest claimed = read(answer).orElse(asked);
    if (claimed.algorithm() == asked.algorithm() && !claimed.equals(asked)) {
      throw UpstreamFailures.invalid(answer, "its " + HEADER + " is " + claimed);
    }
  }

  /** Whether an answer claims no other digest than the one that was asked for. */
  static boolean fits(Answer answer, Digest asked) {
    try {
      check(answer, asked);
      return true;
    } catch (UpstreamException e) {
      return false;
    }
  }
}
