package io.entrepot.cache.blobs;

import io.entrepot.oci.Digest;
import io.entrepot.spool.FillKey;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * The in-flight map: all blobs that are being filled, one fill for each upstream and digest. It has
 * at most as many entries as the fill executor has threads and places in its queue. Thread-safe.
 */
public final class InFlightBlobs {
  private final ConcurrentMap<FillKey, InFlightBlob> blobs = new ConcurrentHashMap<>();

  /**
   * Whether this digest is being filled by any upstream. Then it must not be evicted (F18). Looks
   * at all entries, because only expiry asks.
   */
  public boolean contains(Digest digest) {
    return blobs.keySet().stream().anyMatch(key -> key.digest().equals(digest));
  }

  /** The number of running and waiting fills. */
  public int size() {
    return blobs.size();
  }

  @Nullable InFlightBlob find(FillKey key) {
    return blobs.get(key);
  }

  /**
   * Adds a blob before its fill begins.
   *
   * @return false if another fill with the same key is in the map
   */
  boolean enter(InFlightBlob blob) {
    return blobs.putIfAbsent(blob.key(), blob) == null;
  }

  void leave(InFlightBlob blob) {
    blobs.remove(blob.key(), blob);
  }
}
