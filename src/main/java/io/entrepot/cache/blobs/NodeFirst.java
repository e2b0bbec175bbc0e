package io.entrepot.cache.blobs;

import io.entrepot.cache.blobs.FillClaims.Claim;
import io.entrepot.cache.blobs.FillClaims.UnconfirmedException;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.spool.FillKey;
import io.entrepot.upstream.BrokenResponse;
import io.entrepot.upstream.FetchRange;
import io.entrepot.upstream.UpstreamBody;
import io.entrepot.upstream.UpstreamException;
import java.net.URI;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Provides a blob from the node of the cluster that fetches it, or has fetched it lately. If no
 * other node does, this one takes the claim, and fetches it from the upstream. If that node sends
 * nothing any more, this one takes its claim, and goes on at the byte that the fill has reached.
 */
final class NodeFirst implements BlobProvider {
  /** How many nodes are tried before the upstream is asked without a claim. */
  private static final int MAX_NODES = 3;

  private static final Logger log = LoggerFactory.getLogger(NodeFirst.class);

  private final BlobProvider upstream;
  private final FillClaims claims;
  private final Wanted wanted;
  private @Nullable Claim claim;
  private @Nullable URI node;
  private boolean confirmed;
  private long brokeAt = -1;
  private boolean alone;
  private volatile @Nullable Claim followed;

  /**
   * For whom a blob is fetched.
   *
   * @param repository may have the blob if the node that fetches it does so for the same one
   * @param proof else says whether it may
   */
  record Wanted(FillKey key, RepositoryName repository, Proof proof) {}

  /** Finds out whether the repository may have the blob. */
  @FunctionalInterface
  interface Proof {
    /** Asks the catalog, and then the upstream. */
    boolean find() throws UpstreamException;
  }

  NodeFirst(BlobProvider upstream, FillClaims claims, Wanted wanted) {
    this.upstream = upstream;
    this.claims = claims;
    this.wanted = wanted;
  }

  @Override
  public Digest digest() {
    return upstream.digest();
  }

  @Override
  public UpstreamBody fetch(FetchRange range) throws UpstreamException {
    UpstreamBody body = alone ? null : follow(range);
    followed = body == null ? null : claim;
    if (body != null) {
      node = body.source();
      return body;
    }
    alone = true;
    BrokenResponse after = range.after();
    boolean switched = after != null && after.source().equals(node);
    return upstream.fetch(switched ? new FetchRange(range.first(), range.last(), null) : range);
  }

  /** Returns null if the upstream is to be asked. */
  private @Nullable UpstreamBody follow(FetchRange range) {
    Claim lost = range.after() != null && range.first() == brokeAt ? claim : null;
    brokeAt = range.after() == null ? brokeAt : range.first();
    for (int i = 0; i < MAX_NODES; i++) {
      claim = claims.take(wanted.key(), lost).orElse(null);
      if (claim == null || claim.isOwn()) {
        return null;
      }
      try {
        return ask(claim, range);
      } catch (UpstreamException e) {
        log.info(
            "Blob {} does not come from the node {}: {}", digest(), claim.node(), e.getMessage());
        lost = claim;
      } catch (UnconfirmedException e) {
        return null; // the upstream did not confirm it either, and says why when it is asked for it
      }
    }
    claim = null;
    return null;
  }

  private UpstreamBody ask(Claim other, FetchRange range)
      throws UpstreamException, UnconfirmedException {
    try {
      return claims.follow(other, range, confirmed ? null : wanted.repository());
    } catch (UnconfirmedException e) {
      if (confirmed || !isConfirmed()) {
        throw e;
      }
      confirmed = true;
      return claims.follow(other, range, null);
    }
  }

  private boolean isConfirmed() {
    try {
      return wanted.proof().find();
    } catch (UpstreamException e) {
      log.debug("A repository may not have a blob, or it is not known", e);
      return false;
    }
  }

  @Override
  public void checkSize(long size) {
    upstream.checkSize(size);
  }

  @Override
  public Sender sender() {
    return followed == null ? upstream.sender() : Sender.NODE;
  }

  @Override
  public Optional<Claim> followed() {
    return Optional.ofNullable(followed);
  }

  /** The next fill does not ask that node again. */
  @Override
  public void wasWrong() {
    Claim wrong = followed;
    if (wrong != null) {
      claim = claims.take(wanted.key(), wrong).orElse(null);
    }
    upstream.wasWrong();
  }

  @Override
  public void end(boolean stored) {
    Claim own = claim;
    if (own != null && own.isOwn()) {
      claims.end(own, stored);
    }
  }
}
