package io.entrepot.cache.blobs;

import io.entrepot.oci.Digest;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * The in-flight map: every blob under way, one fill a digest. As large as the fill executor and its
 * queue, which refuse what is beyond. Thread-safe.
 */
public final class InFlightBlobs {
  private final ConcurrentMap<Digest, InFlightBlob> blobs = new ConcurrentHashMap<>();

  /** Whether a fill of this digest is under way, so that it must not be evicted (F18). */
  public boolean contains(Digest digest) {
    return blobs.containsKey(digest);
  }

  /** How many are under way or wait for their turn. */
  public int size() {
    return blobs.size();
  }

  @Nullable InFlightBlob find(Digest digest) {
    return blobs.get(digest);
  }

  /**
   * Enters a blob that is about to be filled.
   *
   * @return false when another fill of the same digest is there
   */
  boolean enter(InFlightBlob blob) {
    return blobs.putIfAbsent(blob.digest(), blob) == null;
  }

  void leave(InFlightBlob blob) {
    blobs.remove(blob.digest(), blob);
  }
}
