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
 * Files in the store that the catalog does not know, since a crash or a failure came between, or
 * its whole database is gone. Thread-safe.
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

  /** Something that leaves a stray if it fails half way. */
  @FunctionalInterface
  interface Storing {
    void run() throws IOException;
  }

  /** Runs what stores a file and then tells the catalog. */
  void suspectUnlessDone(Storing storing) throws IOException {
    boolean done = false;
    try {
      storing.run();
      done = true;
    } finally {
      suspected |= !done;
    }
  }

  /** Whether there may be any, since the start or a failure. */
  public boolean areSuspected() {
    return suspected;
  }

  /**
   * Takes them in; who may have them, the upstream is asked again. For a background thread.
   *
   * @return how many there were
   */
  public long adopt() throws IOException {
    AtomicLong adopted = new AtomicLong();
    suspected = false; // first, for there may be another while this looks
    suspectUnlessDone(
        () ->
            DigestWalk.compare(
                new DigestWalk(this::storedAfter),
                new DigestWalk(last -> catalog.digestsAfter(last, DigestWalk.BATCH)),
                unknown -> adopted.addAndGet(adopt(unknown)),
                fileless -> {})); // is fetched again when somebody asks for it
    if (adopted.get() > 0) {
      log.info("Took in {} blobs that the catalog did not know", adopted);
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
    return catalog.adopt(sizes, clock.instant());
  }

  /** It may have been evicted meanwhile. */
  private Optional<StoredBlob> find(Digest digest) {
    try {
      return store.find(digest);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
