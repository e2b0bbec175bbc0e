package io.entrepot.cache;

import io.entrepot.catalog.Link;
import io.entrepot.oci.ByteRange;
import io.entrepot.spool.BlobSource;
import io.entrepot.store.BlobGoneException;
import io.entrepot.store.StoredBlob;
import java.io.IOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Content that is here and that this repository may have.
 *
 * @param link the permission, and what is known of the content
 * @param blob the bytes
 */
public record LinkedBlob(Link link, StoredBlob blob) {

  /** When the upstream sent it. */
  public Instant fetchedAt() {
    return link.fetchedAt();
  }

  /**
   * Reads it whole; for manifests, which are bounded.
   *
   * @return its bytes, not to be changed; null where they do not hash to the digest any more
   * @throws IOException when they cannot be read
   */
  public byte @Nullable [] readSound() throws IOException {
    return blob.readSound();
  }

  /**
   * Opens it for one client.
   *
   * @param range which part, or null for all
   * @throws BlobGoneException when it was evicted just before
   * @throws io.entrepot.oci.OciException with {@code UNAVAILABLE} when it cannot be opened now (F6)
   */
  public BlobDelivery open(@Nullable ByteRange range, CacheOutcome outcome)
      throws BlobGoneException {
    long first = range == null ? 0 : range.first();
    long end = range == null ? blob.size() : range.last() + 1;
    BlobReader reader = new BlobReader(openFile(), null, first, end);
    return new BlobDelivery(reader, blob.size(), range, outcome, link.fetchedAt());
  }

  private BlobSource openFile() throws BlobGoneException {
    try {
      return blob.open();
    } catch (BlobGoneException e) {
      throw e;
    } catch (IOException e) {
      throw ClientErrors.unavailable("blob " + blob.digest() + " could not be opened", e);
    }
  }
}
