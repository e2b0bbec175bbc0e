package io.entrepot.cache.blobs;

import io.entrepot.cache.LinkedBlob;
import io.entrepot.cache.LocalContent;
import io.entrepot.cache.Questions;
import io.entrepot.cache.SingleFlight;
import io.entrepot.catalog.LinkKind;
import io.entrepot.memory.Weight;
import io.entrepot.oci.Digest;
import io.entrepot.routing.PullRequest;
import io.entrepot.spool.FillKey;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Links stored bytes to repositories that may have them, and verifies bytes before that where it is
 * due. Queries the database. Thread-safe.
 */
final class BlobLinks {
  private final LocalContent content;
  private final LinkProof proof;
  private final SingleFlight<FillKey> verifications;

  BlobLinks(LocalContent content, LinkProof proof, Questions questions) {
    this.content = content;
    this.proof = proof;
    this.verifications =
        questions.works(
            key -> Weight.ENTRY + Weight.of(key.upstream()) + Weight.ofAscii(key.digest().hex()));
  }

  /** Counts a use. A HEAD is none: clients that have an image ask by it whether that is current. */
  void use(PullRequest pull, Digest digest) {
    if (pull.isUse()) {
      content.use(pull.repository(), digest, LinkKind.BLOB);
    }
  }

  /** False also if the database takes no link: then the blob is fetched, and not kept (F27). */
  boolean exist(BlobRequest request) {
    return content.findLink(request.repository(), request.digest(), LinkKind.BLOB).isPresent();
  }

  /** Links stored bytes of which the upstream has proved that the repository may have them. */
  Optional<LinkedBlob> make(BlobRequest request) {
    return content.linkExisting(request.repository(), request.digest());
  }

  /**
   * Links stored bytes to a repository, after its upstream has confirmed the blob and its size by
   * HEAD. Only if the same upstream has sent them: else a HEAD proves nothing.
   *
   * @param size the size that the upstream has returned
   * @return empty if there are no such bytes, or they must be verified first
   */
  Optional<LinkedBlob> make(BlobRequest request, long size) {
    return content
        .findBytes(request.digest())
        .filter(blob -> blob.size() == size && proof.isSentBySameUpstream(request))
        .flatMap(blob -> make(request));
  }

  /**
   * Verifies stored bytes, once for all clients that wait for it.
   *
   * @return whether they are sound; damaged ones are set aside
   */
  CompletableFuture<Boolean> verify(BlobRequest request) {
    // Each upstream's clients wait on its own threads only.
    return verifications.run(
        request.key(), request.pull().questions(), () -> content.verify(request.digest()));
  }
}
