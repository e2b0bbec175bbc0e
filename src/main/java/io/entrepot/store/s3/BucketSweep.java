package io.entrepot.store.s3;

import io.entrepot.catalog.BlobEntry;
import io.entrepot.catalog.BucketObject;
import io.entrepot.catalog.BucketObjects;
import io.entrepot.oci.Digest;
import io.entrepot.store.BlobStore;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings bucket, rows and near folder in line: deletes objects that no row knows, aborts puts that
 * were left off, and notes blobs of the near folder that have no row.
 */
final class BucketSweep {
  private static final Logger log = LoggerFactory.getLogger(BucketSweep.class);

  /** Younger objects are spared: their rows may be about to change. */
  private static final Duration SPARED = Duration.ofHours(1);

  private final BlobStore near;
  private final Bucket bucket;
  private final BucketObjects objects;
  private final PutQueue queue;

  BucketSweep(BlobStore near, Bucket bucket, BucketObjects objects, PutQueue queue) {
    this.near = near;
    this.bucket = bucket;
    this.objects = objects;
    this.queue = queue;
  }

  void run(Instant now) throws IOException {
    queue.claim();
    Instant before = now.minus(SPARED);
    int deleted = deleteUnknown(before);
    int aborted = bucket.uploads().sweep(this::isKnown, before);
    int noted = noteMissing();
    if (deleted + aborted + noted > 0) {
      log.info(
          "{} objects without a row were deleted, {} unfinished puts ended, and {} blobs are put"
              + " that the bucket did not have",
          deleted,
          aborted,
          noted);
    }
  }

  private int deleteUnknown(Instant before) throws BucketException {
    int deleted = 0;
    List<Bucket.Listed> page = bucket.list(null);
    while (!page.isEmpty()) {
      List<BucketObject> old =
          page.stream()
              .filter(listed -> listed.modified().isBefore(before))
              .flatMap(listed -> bucket.keys().parse(listed.key(), listed.size()).stream())
              .toList();
      Set<Digest> digests = old.stream().map(BucketObject::digest).collect(Collectors.toSet());
      Set<String> known =
          objects.of(digests).stream().map(bucket.keys()::of).collect(Collectors.toSet());
      Set<String> unknown =
          old.stream().map(bucket.keys()::of).collect(Collectors.toCollection(HashSet::new));
      unknown.removeAll(known);
      for (String key : unknown) {
        bucket.delete(key);
        deleted++;
      }
      page = bucket.list(page.get(page.size() - 1).key());
    }
    return deleted;
  }

  private boolean isKnown(String key) {
    Optional<BucketObject> object = bucket.keys().parse(key, 0);
    return object.isEmpty()
        || objects.of(Set.of(object.get().digest())).stream()
            .anyMatch(known -> known.generation().equals(object.get().generation()));
  }

  private int noteMissing() throws IOException {
    int noted = 0;
    List<Digest> batch = near.digestsAfter(null);
    while (!batch.isEmpty()) {
      for (BlobEntry blob : objects.without(batch)) {
        queue.add(blob.digest(), blob.size());
        noted++;
      }
      batch = near.digestsAfter(batch.get(batch.size() - 1));
    }
    return noted;
  }
}
