package io.entrepot.cache;

import io.entrepot.oci.ByteRange;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A blob, or one range of it, on its way to one client.
 *
 * @param reader the bytes; whoever holds the delivery closes it
 * @param blobSize size of the whole blob in bytes
 * @param range which part the reader gives, or null for all
 * @param fetchedAt when the upstream sent it, or is sending it
 */
public record BlobDelivery(
    BlobReader reader,
    long blobSize,
    @Nullable ByteRange range,
    CacheOutcome outcome,
    Instant fetchedAt)
    implements AutoCloseable {

  /** How many bytes the reader gives. */
  public long length() {
    return range == null ? blobSize : range.length();
  }

  @Override
  public void close() {
    reader.close();
  }
}
