package io.entrepot.cache.blobs;

import io.entrepot.cache.BlobDelivery;
import io.entrepot.cache.BlobReader;
import io.entrepot.cache.CacheMeters;
import io.entrepot.cache.CacheOutcome;
import io.entrepot.oci.ByteRange;
import io.entrepot.oci.Digest;
import io.entrepot.oci.OciException;
import io.entrepot.routing.Source;
import io.entrepot.spool.Spool;
import io.entrepot.spool.SpoolFile;
import java.time.Clock;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The fill of a range of a blob that the disk does not keep, for one client. It stops when that
 * client leaves.
 */
final class PartOfBlob extends FillJob {
  /**
   * What is wanted.
   *
   * @param blobSize the size of the whole blob in bytes
   */
  record Wanted(Source source, Digest digest, ByteRange range, long blobSize) {}

  private final Wanted wanted;
  private final Spool spool;
  private final CacheMeters meters;
  private final Clock clock;
  private final CompletableFuture<BlobDelivery> answer = new CompletableFuture<>();

  PartOfBlob(Parts parts, Wanted wanted, Spool spool, CacheMeters meters, Clock clock) {
    super(parts);
    this.wanted = wanted;
    this.spool = spool;
    this.meters = meters;
    this.clock = clock;
  }

  /** The delivery; fails with an {@link OciException}. */
  CompletableFuture<BlobDelivery> answer() {
    return answer;
  }

  @Override
  public boolean isWanted() {
    SpoolFile file = file();
    return file == null || file.hasReaders();
  }

  @Override
  public void begun(Segments segments, long size) {
    super.begun(segments, size);
    SpoolFile begun = segments.file();
    ByteRange range = wanted.range();
    BlobReader reader = new BlobReader(Objects.requireNonNull(begun.join(0)), 0, range.length());
    BlobDelivery delivery =
        new BlobDelivery(reader, wanted.blobSize(), range, CacheOutcome.PASSED, clock.instant());
    if (!answer.complete(delivery)) {
      reader.close();
    }
  }

  @Override
  public boolean grown(int bytes) {
    meters.pulledBlob(wanted.source(), bytes);
    return isWanted();
  }

  @Override
  boolean endsUnread() {
    return !isWanted();
  }

  @Override
  boolean complete(SpoolFile sealed) {
    spool.discard(sealed);
    return false;
  }

  @Override
  OciException error(Exception why) {
    return new FillErrors(meters).of(wanted.source(), wanted.digest(), why);
  }

  @Override
  void end(@Nullable OciException failure) {
    SpoolFile file = file();
    if (failure != null) {
      answer.completeExceptionally(failure);
      if (file != null) {
        file.fail(failure);
      }
    }
    release();
  }
}
