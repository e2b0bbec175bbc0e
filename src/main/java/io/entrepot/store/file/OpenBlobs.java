package io.entrepot.store.file;

import io.entrepot.oci.Digest;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The blobs whose files are open, and how often. There are at most as many as the process has file
 * descriptors. Thread-safe.
 */
final class OpenBlobs {
  private final Map<Digest, Integer> open = new ConcurrentHashMap<>();

  void add(Digest digest) {
    open.merge(digest, 1, Integer::sum);
  }

  void remove(Digest digest) {
    open.computeIfPresent(digest, (same, times) -> times == 1 ? null : times - 1);
  }

  boolean contains(Digest digest) {
    return open.containsKey(digest);
  }
}
