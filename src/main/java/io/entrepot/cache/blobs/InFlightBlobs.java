package io.entrepot.cache.blobs;

import io.entrepot.oci.Digest;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * The in-flight map: all blobs that are being filled, one fill for each digest. It has at most as
 * many entries as the fill executor has threads and places in its queue. Thread-safe.
 */
public final class InFlightBlobs {
  private final ConcurrentMap<Digest, InFlightBlob> blobs = new ConcurrentHashMap<>();

  /** Whether this digest is being filled. Then it must not be evicted (F18). */
  public boolean contains(Digest digest) {
    return blobs.containsKey(digest);
  }

  /** The number of running and waiting fills. */
  public int size() {
    return blobs.size();
  }

  @Nullable InFlightBlob find(Digest digest) {
    return blobs.get(digest);
  }

  /**
   * Adds a blob before its fill begins.
   *
   * @return false if another fill of the same digest is in the map
   */
  boolean enter(InFlightBlob blob) {
    return blobs.putIfAbsent(blob.digest(), blob) == null;
  }

  void leave(InFlightBlob blob) {
    blobs.remove(blob.digest(), blob);
  }
}
