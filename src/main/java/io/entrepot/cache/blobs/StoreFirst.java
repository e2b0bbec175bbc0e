package io.entrepot.cache.blobs;

import io.entrepot.cache.FarContent;
import io.entrepot.cache.blobs.FillClaims.Claim;
import io.entrepot.oci.Digest;
import io.entrepot.routing.PullRequest;
import io.entrepot.store.FarBlob;
import io.entrepot.upstream.FetchRange;
import io.entrepot.upstream.SentPart;
import io.entrepot.upstream.UpstreamBody;
import io.entrepot.upstream.UpstreamException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Provides a blob from the store as long as that can give it, though not from near; and else from
 * the upstream, at the byte that the fill has reached.
 */
final class StoreFirst implements BlobProvider {
  private static final Logger log = LoggerFactory.getLogger(StoreFirst.class);

  private static final URI STORE = URI.create("store:bucket");

  private final BlobProvider upstream; // or another node, and then the upstream
  private final Supplier<Optional<FarBlob>> finder;
  private boolean asked;
  private long brokeAt = -1;
  private volatile @Nullable FarBlob blob;

  /**
   * Begins with the store.
   *
   * @param finder finds the blob in the store, if the repository may have it from there; called
   *     once, on the thread that fetches
   */
  StoreFirst(BlobProvider upstream, Supplier<Optional<FarBlob>> finder) {
    this.upstream = upstream;
    this.finder = finder;
  }

  /**
   * The provider of a blob for a pull. The store is asked only for a repository that has a link:
   * the upstream has confirmed that it may have the blob.
   *
   * @param others provides the blob where the store cannot
   */
  static BlobProvider of(PullRequest pull, FarContent far, BlobProvider others) {
    return new StoreFirst(others, () -> far.find(pull.repository(), others.digest()));
  }

  @Override
  public Digest digest() {
    return upstream.digest();
  }

  @Override
  public UpstreamBody fetch(FetchRange range) throws UpstreamException {
    if (!asked) {
      asked = true;
      blob = finder.get().orElse(null);
    }
    FarBlob stored = blob;
    if (stored != null && range.first() > brokeAt) {
      brokeAt = range.after() == null ? brokeAt : range.first();
      try {
        InputStream stream = stored.open(range.first(), range.last());
        return new SentPart(stream, range, stored.size(), STORE, STORE.toString(), stream);
      } catch (IOException e) {
        log.info("{} does not come from the store: {}", digest(), e.getMessage());
      }
    }
    boolean switched = stored != null;
    blob = null;
    return upstream.fetch(switched ? new FetchRange(range.first(), range.last(), null) : range);
  }

  @Override
  public void checkSize(long size) {
    upstream.checkSize(size);
  }

  @Override
  public Sender sender() {
    return blob == null ? upstream.sender() : Sender.STORE;
  }

  @Override
  public void wasWrong() {
    FarBlob stored = blob;
    if (stored != null) {
      blob = null;
      stored.wasWrong();
    } else {
      upstream.wasWrong();
    }
  }

  @Override
  public Optional<Claim> followed() {
    return blob == null ? upstream.followed() : Optional.empty();
  }

  @Override
  public void end(boolean isStored) {
    upstream.end(isStored);
  }
}
