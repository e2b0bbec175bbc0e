package io.entrepot.store.s3;

import io.entrepot.catalog.BucketObject;
import io.entrepot.catalog.BucketObjects;
import io.entrepot.catalog.BucketObjects.Used;
import io.entrepot.oci.Digest;
import io.entrepot.store.BlobStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** Chooses what the near folder can do without: the bucket has it, and it was not used for long. */
public final class NearRoom {
  /** How many blobs are chosen at once: some 200 KB. */
  private static final int MAX = 1_000;

  private final BlobStore near;
  private final BucketObjects objects;

  NearRoom(BlobStore near, BucketObjects objects) {
    this.near = near;
    this.objects = objects;
  }

  /** Waits on the calling thread. */
  @FunctionalInterface
  public interface Waits {
    /** Waits until no response is about to open a file that it has found before. */
    void forReaders() throws InterruptedException;
  }

  /** The blobs of the folder that the bucket has too, the longest unused first. */
  List<BucketObject> oldest(long wanted) throws IOException {
    PriorityQueue<Used> kept = new PriorityQueue<>(Comparator.comparingLong(Used::at).reversed());
    List<Digest> batch = near.digestsAfter(null);
    while (!batch.isEmpty()) {
      kept.addAll(objects.uses(batch));
      while (kept.size() > MAX) {
        kept.remove();
      }
      batch = near.digestsAfter(batch.get(batch.size() - 1));
    }
    List<Used> sorted = new ArrayList<>(kept);
    sorted.sort(Comparator.comparingLong(Used::at));
    List<BucketObject> chosen = new ArrayList<>();
    long bytes = 0;
    for (Used used : sorted) {
      if (bytes >= wanted) {
        break;
      }
      chosen.add(used.object());
      bytes += used.object().size();
    }
    return chosen;
  }
}
