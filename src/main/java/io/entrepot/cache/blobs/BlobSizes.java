package io.entrepot.cache.blobs;

import io.entrepot.cache.CacheOutcome;
import io.entrepot.cache.LocalContent;
import io.entrepot.cache.Lookups;
import io.entrepot.catalog.Link;
import io.entrepot.catalog.LinkKind;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Finds the size of a blob without downloading it: from its link, else by a HEAD of the upstream.
 * Thread-safe.
 */
final class BlobSizes {
  private final LocalContent content;
  private final LinkProof proof;
  private final BlobLinks links;
  private final Lookups lookups;
  private final Clock clock;

  BlobSizes(LocalContent content, LinkProof proof, BlobLinks links, Lookups lookups, Clock clock) {
    this.content = content;
    this.proof = proof;
    this.links = links;
    this.lookups = lookups;
    this.clock = clock;
  }

  /**
   * Finds the size. The database is queried by a thread of {@link Lookups}.
   *
   * @return the size; fails with an {@link io.entrepot.oci.OciException}
   */
  CompletableFuture<BlobSize> find(BlobRequest request) {
    return lookups.begin(
        () ->
            link(request)
                .map(
                    link ->
                        CompletableFuture.completedFuture(
                            new BlobSize(link.size(), CacheOutcome.HIT, link.fetchedAt())))
                .orElseGet(() -> ask(request)));
  }

  private Optional<Link> link(BlobRequest request) {
    return request.source().isGranted()
        ? content.findLink(request.repository(), request.digest(), LinkKind.BLOB)
        : Optional.empty();
  }

  private CompletableFuture<BlobSize> ask(BlobRequest request) {
    return proof
        .askForSize(request)
        .thenApply(
            size -> {
              var unused = links.make(request, size);
              return new BlobSize(size, CacheOutcome.PASSED, clock.instant());
            });
  }
}
