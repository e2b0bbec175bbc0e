package io.entrepot.cache;

import io.entrepot.catalog.Catalog;
import io.entrepot.catalog.DigestWalk;
import io.entrepot.oci.Digest;
import io.entrepot.store.BlobStore;
import io.entrepot.store.StoredBlob;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds files in the store that the catalog does not know, and adds them to the catalog. Such files
 * remain after a crash or a failure between the two writes, or if the database was lost.
 * Thread-safe.
 */
public final class UnindexedBlobs {
  private static final Logger log = LoggerFactory.getLogger(UnindexedBlobs.class);

  private final BlobStore store;
  private final Catalog catalog;
  private final Clock clock;
  private volatile boolean suspected = true;

  /** Wires the collaborators. */
  public UnindexedBlobs(BlobStore store, Catalog catalog, Clock clock) {
    this.store = store;
    this.catalog = catalog;
    this.clock = clock;
  }

  /** An action that stores a file and then adds it to the catalog. */
  @FunctionalInterface
  interface Storing {
    void run() throws IOException;
  }

  /** Runs the action. If it fails, the store may have a file that the catalog does not know. */
  void suspectUnlessDone(Storing storing) throws IOException {
    boolean done = false;
    try {
      storing.run();
      done = true;
    } finally {
      suspected |= !done;
    }
  }

  /** Tells that there may be such files. */
  public void suspect() {
    suspected = true;
  }

  /** Whether there may be such files: after the start, and after a failure. */
  public boolean areSuspected() {
    return suspected;
  }

  /**
   * Adds all such files to the catalog, without links: the upstream is asked again for each
   * repository. For a background thread.
   *
   * @return how many files were added
   */
  public long adopt() throws IOException {
    AtomicLong adopted = new AtomicLong();
    suspected = false; // reset first, because another action may fail during the search
    suspectUnlessDone(
        () ->
            DigestWalk.compare(
                new DigestWalk(this::storedAfter),
                new DigestWalk(last -> catalog.blobs().after(last, DigestWalk.BATCH)),
                unknown -> adopted.addAndGet(adopt(unknown)),
                fileless -> {})); // fetched again when a client requests it
    if (adopted.get() > 0) {
      log.info("Added {} blobs to the catalog that only the store had", adopted);
    }
    return adopted.get();
  }

  private List<Digest> storedAfter(@Nullable Digest last) {
    try {
      return store.digestsAfter(last);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int adopt(List<Digest> digests) {
    Map<Digest, Long> sizes = new LinkedHashMap<>();
    for (Digest digest : digests) {
      find(digest).ifPresent(blob -> sizes.put(digest, blob.size()));
    }
    return catalog.blobs().adopt(sizes, clock.instant());
  }

  /** Finds a file. It may have been evicted since it was listed. */
  private Optional<StoredBlob> find(Digest digest) {
    try {
      return store.find(digest);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
