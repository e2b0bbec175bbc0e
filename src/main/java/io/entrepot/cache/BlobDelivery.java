package io.entrepot.cache;

import io.entrepot.oci.ByteRange;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A blob, or a range of it, for one client.
 *
 * @param reader reads the bytes; the receiver of the delivery closes it
 * @param blobSize the size of the whole blob in bytes
 * @param range the range that the reader reads, or null for the whole blob
 * @param outcome how the cache found the blob
 * @param fetchedAt when the upstream began to send it
 */
public record BlobDelivery(
    BlobReader reader,
    long blobSize,
    @Nullable ByteRange range,
    CacheOutcome outcome,
    Instant fetchedAt)
    implements BlobAnswer, AutoCloseable {

  /** The number of bytes that the reader reads. */
  public long length() {
    return range == null ? blobSize : range.length();
  }

  @Override
  public void close() {
    reader.close();
  }
}
