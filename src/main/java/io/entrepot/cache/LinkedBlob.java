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
 * Stored content that a repository may serve.
 *
 * @param link the permission of the repository, and the metadata
 * @param blob the bytes
 */
public record LinkedBlob(Link link, StoredBlob blob) {

  /** When the upstream sent the content. */
  public Instant fetchedAt() {
    return link.fetchedAt();
  }

  /**
   * Reads and verifies all bytes.
   *
   * @return false if they are damaged or gone
   * @throws IOException if nothing can be read now
   */
  public boolean isSound() throws IOException {
    try {
      return blob.isSound();
    } catch (BlobGoneException e) {
      return false;
    }
  }

  /**
   * Reads all bytes. For manifests, whose size is limited.
   *
   * @return the bytes, which nobody may change; null if they are damaged or gone
   * @throws IOException if nothing can be read now
   */
  public byte @Nullable [] readSound() throws IOException {
    try {
      return blob.readSound();
    } catch (BlobGoneException e) {
      return null;
    }
  }

  /**
   * Opens the content for one client.
   *
   * @param range the requested range, or null for everything
   * @param outcome how the cache found the content
   * @throws BlobGoneException if it was evicted just before, or its file cannot be opened
   * @throws io.entrepot.oci.OciException with {@code UNAVAILABLE} if it cannot be opened now, for
   *     example without free file descriptors (F6)
   */
  public BlobDelivery open(@Nullable ByteRange range, CacheOutcome outcome)
      throws BlobGoneException {
    long first = range == null ? 0 : range.first();
    long end = range == null ? blob.size() : range.last() + 1;
    BlobReader reader = new BlobReader(openFile(), first, end);
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
