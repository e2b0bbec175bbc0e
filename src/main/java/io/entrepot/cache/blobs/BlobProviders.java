package io.entrepot.cache.blobs;

import io.entrepot.cache.LocalContent;
import io.entrepot.cache.blobs.FillClaims.Claim;
import io.entrepot.catalog.LinkKind;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.routing.PullRequest;
import io.entrepot.routing.Source;
import io.entrepot.spool.FillKey;
import java.util.Optional;

/**
 * Makes the providers of fills. The store comes first, then another node of the cluster, then the
 * upstream.
 *
 * @param claims what other nodes fetch; empty without a cluster
 */
public record BlobProviders(LocalContent content, Optional<FillClaims> claims) {
  /** For a whole blob. */
  BlobProvider ofBlob(PullRequest pull, Digest digest) {
    return StoreFirst.of(pull, content.far(), nodeFirst(pull, digest));
  }

  /** For a part of a blob beside its fill. */
  BlobProvider ofSegment(PullRequest pull, InFlightBlob flight) {
    BlobProvider upstream = upstream(pull, flight.digest());
    Optional<Claim> followed = flight.followed();
    return StoreFirst.of(
        pull,
        content.far(),
        claims.isPresent() && followed.isPresent()
            ? new SegmentOfNode(upstream, claims.get(), followed.get())
            : upstream);
  }

  private static BlobProvider upstream(PullRequest pull, Digest digest) {
    return BlobProvider.of(pull.source(), digest, pull.cost());
  }

  /**
   * Other nodes do not fetch for this one where the upstream is asked for each client: what it
   * gives one client it may refuse to another.
   */
  private BlobProvider nodeFirst(PullRequest pull, Digest digest) {
    Source source = pull.source();
    if (claims.isEmpty() || source.isPerClient()) {
      return upstream(pull, digest);
    }
    RepositoryName repository = source.repository();
    NodeFirst.Wanted wanted =
        new NodeFirst.Wanted(
            new FillKey(source.upstream(), digest),
            repository,
            () ->
                content.findLink(repository, digest, LinkKind.BLOB).isPresent()
                    || source.headBlob(digest, pull.cost()).size() >= 0);
    return new NodeFirst(upstream(pull, digest), claims.get(), wanted);
  }
}
