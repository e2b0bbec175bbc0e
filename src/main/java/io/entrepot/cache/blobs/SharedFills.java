package io.entrepot.cache.blobs;

import io.entrepot.cache.BlobDelivery;
import io.entrepot.cache.BlobReader;
import io.entrepot.cache.CacheOutcome;
import io.entrepot.cache.ClientErrors;
import io.entrepot.cache.LocalContent;
import io.entrepot.cache.Lookups;
import io.entrepot.catalog.LinkKind;
import io.entrepot.oci.ByteRange;
import io.entrepot.oci.Digest;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.RangeSpec;
import io.entrepot.oci.RepositoryName;
import io.entrepot.spool.FillKey;
import io.entrepot.store.StoredBlob;
import java.io.IOException;
import java.time.Clock;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Gives other nodes of the cluster what this one fetches, or has. A node reads a fill as a client
 * does. No method blocks its caller. Thread-safe.
 */
public final class SharedFills {
  private final LocalContent content;
  private final InFlightBlobs inFlight;
  private final Lookups lookups;
  private final Clock clock;

  /** Wires the collaborators. */
  public SharedFills(LocalContent content, InFlightBlobs inFlight, Lookups lookups, Clock clock) {
    this.content = content;
    this.inFlight = inFlight;
    this.lookups = lookups;
    this.clock = clock;
  }

  /**
   * Opens a blob at an offset.
   *
   * @param repository for which it is wanted; empty if the other node has asked the upstream
   * @param range one range
   * @return the delivery, which the receiver closes; fails with an {@link OciException}: {@code
   *     DENIED} if it is not known whether the repository may have the blob
   */
  public CompletableFuture<BlobDelivery> open(
      String upstream, Digest digest, Optional<RepositoryName> repository, RangeSpec range) {
    InFlightBlob flight = inFlight.find(new FillKey(upstream, digest));
    if (flight == null) {
      return lookups.find(() -> stored(digest, repository, range));
    }
    if (repository.isPresent() && !flight.isAuthorised(repository.get())) {
      return CompletableFuture.failedFuture(unconfirmed(repository.get()));
    }
    return flight
        .started()
        .thenCompose(
            size -> {
              ByteRange part = part(range, size);
              if (flight.isFarAhead(part.first())) {
                flight.fetchAhead(part);
              }
              BlobReader reader = flight.join(part, size);
              return reader == null
                  ? lookups.find(() -> stored(digest, repository, range))
                  : CompletableFuture.completedFuture(delivery(reader, size, part));
            });
  }

  private static ByteRange part(RangeSpec range, long size) {
    return Objects.requireNonNull(range.resolve(size), "nodes ask for one range");
  }

  private static OciException unconfirmed(RepositoryName repository) {
    return new OciException(
        OciError.DENIED, "this node does not know that " + repository + " has the blob");
  }

  private BlobDelivery delivery(BlobReader reader, long size, ByteRange part) {
    return new BlobDelivery(reader, size, part, CacheOutcome.JOINED, clock.instant());
  }

  private BlobDelivery stored(Digest digest, Optional<RepositoryName> repository, RangeSpec range) {
    StoredBlob blob =
        content
            .findBytes(digest)
            .orElseThrow(
                () -> new OciException(OciError.BLOB_UNKNOWN, "this node does not have " + digest));
    if (repository.isPresent()
        && content.findLink(repository.get(), digest, LinkKind.BLOB).isEmpty()) {
      throw unconfirmed(repository.get());
    }
    ByteRange part = part(range, blob.size());
    try {
      BlobReader reader = new BlobReader(blob.open(), part.first(), part.last() + 1);
      return delivery(reader, blob.size(), part);
    } catch (IOException e) {
      throw ClientErrors.unavailable("blob " + digest + " could not be opened", e);
    }
  }
}
