package io.entrepot.cache.blobs;

import io.entrepot.cache.BlobReader;
import io.entrepot.cache.ParkedReaders;
import io.entrepot.oci.ByteRange;
import io.entrepot.oci.Digest;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.RepositoryName;
import io.entrepot.routing.Source;
import io.entrepot.spool.BlobSource;
import io.entrepot.spool.SpoolFile;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A blob under way: one fill, and everyone who reads along. It is in the in-flight map from the
 * first client's request until the blob is committed, linked and leased, or has failed.
 * Thread-safe.
 */
final class InFlightBlob {
  private final Digest digest;
  private final Source source;
  private final Instant begunAt;
  private final Set<RepositoryName> authorised = ConcurrentHashMap.newKeySet();
  private final CompletableFuture<Long> started = new CompletableFuture<>();
  private final CompletableFuture<Void> failed = new CompletableFuture<>();
  private final ParkedReaders readers = new ParkedReaders();
  private volatile @Nullable SpoolFile spool;
  private volatile boolean withdrawn;
  private volatile boolean abandoned;
  private boolean wasJoined;

  /**
   * @param source in whose name the upstream is asked
   */
  InFlightBlob(Digest digest, Source source, Instant begunAt) {
    this.digest = digest;
    this.source = source;
    this.begunAt = begunAt;
    authorised.add(source.repository());
  }

  Digest digest() {
    return digest;
  }

  Source source() {
    return source;
  }

  Instant begunAt() {
    return begunAt;
  }

  /** The repositories that may have this blob: the upstream has said so, or is about to (S6). */
  Set<RepositoryName> authorised() {
    return authorised;
  }

  /** Whether a repository may have this blob without a further question. */
  boolean isAuthorised(RepositoryName repository) {
    return authorised.contains(repository);
  }

  /**
   * Done with the blob's size once bytes can be promised to clients: at the upstream's answer, or
   * for a small blob or one of unknown size when it is verified. Fails with an {@link
   * OciException}.
   */
  CompletableFuture<Long> started() {
    return started;
  }

  /** Where the fill is: the watermark, 0 before it began. */
  long available() {
    SpoolFile file = spool;
    return file == null ? 0 : file.available();
  }

  void begin(SpoolFile file) {
    spool = file;
  }

  void wakeReaders() {
    readers.wakeAll();
  }

  /** Ends it before it began: whoever waits is to look again. */
  void withdraw() {
    withdrawn = true;
    fail(new OciException(OciError.UNAVAILABLE, "its blob is here already"));
  }

  boolean isWithdrawn() {
    return withdrawn;
  }

  /** Ends it for all: those who wait for the start, and those who read. */
  void fail(RuntimeException why) {
    started.completeExceptionally(why);
    readers.fail(why);
    failed.complete(null);
  }

  /**
   * Lets nobody join any more, if there were readers and all have left.
   *
   * @return whether that is so
   */
  synchronized boolean abandon() {
    SpoolFile file = spool;
    abandoned = wasJoined && file != null && !file.hasReaders();
    return abandoned;
  }

  boolean isAbandoned() {
    return abandoned;
  }

  /** Done when this has failed and another can begin. */
  CompletableFuture<Void> failed() {
    return failed;
  }

  /**
   * Lets one more client read along. Only after {@link #started}.
   *
   * @param range which part, or null for all
   * @return null when the fill has ended, and then the store knows more; when it has been
   *     abandoned; or when the disk fails and the beginning is gone
   */
  synchronized @Nullable BlobReader join(@Nullable ByteRange range, long size) {
    SpoolFile file = spool;
    long first = range == null ? 0 : range.first();
    BlobSource source = file == null || abandoned ? null : file.join(first);
    if (source == null) {
      return null;
    }
    wasJoined = true;
    return new BlobReader(source, readers, first, range == null ? size : range.last() + 1);
  }

  /** Whether the disk takes what comes, so that later clients find all of it. */
  boolean canBeKept() {
    SpoolFile file = spool;
    return file == null || file.canBeKept();
  }
}
