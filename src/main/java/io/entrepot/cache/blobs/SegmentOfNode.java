package io.entrepot.cache.blobs;

import io.entrepot.cache.blobs.FillClaims.Claim;
import io.entrepot.cache.blobs.FillClaims.UnconfirmedException;
import io.entrepot.oci.Digest;
import io.entrepot.upstream.FetchRange;
import io.entrepot.upstream.UpstreamBody;
import io.entrepot.upstream.UpstreamException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Provides a part of a blob from the node that its fill follows, so that this node's clients and
 * that one's wait for the same bytes. If that node does not send it, the upstream does.
 */
final class SegmentOfNode implements BlobProvider {
  private static final Logger log = LoggerFactory.getLogger(SegmentOfNode.class);

  private final BlobProvider upstream;
  private final FillClaims claims;
  private final Claim followed;
  private volatile boolean alone;

  SegmentOfNode(BlobProvider upstream, FillClaims claims, Claim followed) {
    this.upstream = upstream;
    this.claims = claims;
    this.followed = followed;
  }

  @Override
  public Digest digest() {
    return upstream.digest();
  }

  @Override
  public UpstreamBody fetch(FetchRange range) throws UpstreamException {
    if (alone) {
      return upstream.fetch(range);
    }
    if (range.after() == null) {
      try {
        // The fill has authorised the repository.
        return claims.follow(followed, range, null);
      } catch (UpstreamException | UnconfirmedException e) {
        log.debug("A part of {} comes from the upstream", digest(), e);
      }
    }
    alone = true;
    return upstream.fetch(new FetchRange(range.first(), range.last(), null));
  }

  @Override
  public void checkSize(long size) {
    upstream.checkSize(size);
  }

  @Override
  public Sender sender() {
    return alone ? Sender.UPSTREAM : Sender.NODE;
  }
}
