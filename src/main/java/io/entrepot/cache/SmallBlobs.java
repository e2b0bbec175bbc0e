package io.entrepot.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;

/**
 * The small blobs that manifests have listed lately, such as configurations. It is a hint: a
 * manifest may say anything. A small blob that is not here is fetched like a large one.
 * Thread-safe.
 */
public final class SmallBlobs {
  /**
   * The size of the largest small blob, in bytes. It arrives within a second even on a slow line,
   * and configurations and signatures are smaller.
   */
  public static final long MAX_SIZE = 1 << 20;

  /** How many are remembered; each needs about 300 bytes. */
  private static final int MAX_BLOBS = 4096;

  /** So many of one manifest, so that it does not drive out those of all others. */
  private static final int MAX_OF_MANIFEST = 256;

  private final Cache<Digest, Boolean> blobs =
      Caffeine.newBuilder().maximumSize(MAX_BLOBS).executor(Runnable::run).build();

  void note(Manifest manifest) {
    manifest.children().stream()
        .filter(child -> child.size() <= MAX_SIZE)
        .limit(MAX_OF_MANIFEST)
        .map(Descriptor::digest)
        .forEach(digest -> blobs.put(digest, true));
  }

  boolean contains(Digest digest) {
    return blobs.getIfPresent(digest) != null;
  }
}
