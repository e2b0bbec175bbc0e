package io.entrepot.cache;

import io.entrepot.catalog.BlobEntry;
import io.entrepot.catalog.Catalog;
import io.entrepot.catalog.DigestWalk;
import io.entrepot.catalog.Images;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.OciException;
import io.entrepot.store.BlobGoneException;
import io.entrepot.store.BlobStore;
import io.entrepot.store.StoredBlob;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads stored manifests of which the catalog does not know what they refer to: those of an older
 * version, and what was found in the store after the database was lost. Thread-safe.
 */
public final class UnreadManifests {
  private static final Logger log = LoggerFactory.getLogger(UnreadManifests.class);

  private final BlobStore store;
  private final Catalog catalog;
  private final ReentrantLock reading = new ReentrantLock();
  private volatile boolean stopped;

  /** Wires the collaborators. */
  public UnreadManifests(BlobStore store, Catalog catalog) {
    this.store = store;
    this.catalog = catalog;
  }

  /**
   * Reads all of them. For a background thread. If another thread does so already, waits for it.
   *
   * @throws IOException if the store cannot be read now; the next call goes on
   */
  public void readAll() throws IOException {
    reading.lock();
    try {
      int manifests = 0;
      for (List<Digest> batch = next(); !batch.isEmpty(); batch = next()) {
        manifests += read(batch);
      }
      if (manifests > 0) {
        log.info("Read from {} stored manifests what they refer to", manifests);
      }
    } finally {
      reading.unlock();
    }
  }

  private List<Digest> next() {
    return stopped ? List.of() : catalog.images().unread(DigestWalk.BATCH);
  }

  /**
   * Reads a batch. What is gone or damaged is fetched again, and known then.
   *
   * @return how many were manifests
   */
  private int read(List<Digest> batch) throws IOException {
    Images images = catalog.images();
    List<Digest> others = new ArrayList<>();
    for (Digest digest : batch) {
      byte @Nullable [] bytes = bytes(digest);
      Optional<Manifest> manifest = bytes == null ? Optional.empty() : parse(digest, bytes);
      manifest.ifPresentOrElse(images::read, () -> others.add(digest));
    }
    images.readNothing(others);
    return batch.size() - others.size();
  }

  private byte @Nullable [] bytes(Digest digest) throws IOException {
    Optional<StoredBlob> here = store.find(digest);
    try {
      return here.isEmpty() || here.get().size() > Manifest.MAX_BYTES
          ? null
          : here.get().readSound();
    } catch (BlobGoneException e) {
      return null;
    }
  }

  private Optional<Manifest> parse(Digest digest, byte[] bytes) {
    @Nullable String type = catalog.blobs().find(digest).map(BlobEntry::mediaType).orElse(null);
    try {
      return Optional.of(Manifest.read(digest, type, bytes));
    } catch (OciException e) {
      return Optional.empty(); // a small blob
    }
  }

  /** Makes a running {@link #readAll} return soon, and any later one at once. */
  public void stop() {
    stopped = true;
  }
}
