package io.entrepot.store.s3;

import io.entrepot.catalog.BucketObject;
import io.entrepot.catalog.BucketObjects;
import io.entrepot.database.DatabaseException;
import io.entrepot.oci.Digest;
import io.entrepot.spool.BlobSource;
import io.entrepot.store.BlobGoneException;
import io.entrepot.store.BlobStore;
import io.entrepot.store.ReadPace;
import io.entrepot.store.StoredBlob;
import io.entrepot.store.s3.BucketException.Kind;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the blobs of the near folder into the bucket, one after another, on a thread of its own.
 * What waits is in the database, so a restart loses nothing. A blob that waits has its file in the
 * near folder, so what bounds the folder bounds the queue. Thread-safe.
 */
final class PutQueue {
  private static final Logger log = LoggerFactory.getLogger(PutQueue.class);

  /** How many are read from the database at once. */
  private static final int BATCH = 64;

  private final BlobStore near;
  private final Bucket bucket;
  private final BucketObjects objects;
  private final Identity identity;
  private final BucketRest rest;
  private final BucketRest ownRest;
  private final Executor thread;
  private final SecureRandom random = new SecureRandom();
  private final AtomicBoolean planned = new AtomicBoolean();
  private volatile boolean claimed;
  private volatile boolean closed;

  /**
   * Who puts.
   *
   * @param cluster the id of the database, to which the prefix must belong
   * @param node the id of the near folder
   */
  record Identity(String cluster, String node) {}

  /**
   * Puts nothing before it is woken.
   *
   * @param rest of the bucket, which readers heed too
   * @param ownRest of all else that the queue needs: the database and the folder
   */
  PutQueue(
      BlobStore near,
      Bucket bucket,
      BucketObjects objects,
      Identity identity,
      BucketRest rest,
      BucketRest ownRest,
      Executor thread) {
    this.near = near;
    this.bucket = bucket;
    this.objects = objects;
    this.identity = identity;
    this.rest = rest;
    this.ownRest = ownRest;
    this.thread = thread;
  }

  /** Puts a blob of the near folder soon, unless the bucket has it or is to get it already. */
  void add(Digest digest, long size) {
    byte[] generation = new byte[8];
    random.nextBytes(generation);
    String hex = HexFormat.of().formatHex(generation);
    if (objects.await(new BucketObject(digest, hex, size), identity.node())) {
      wake();
    }
  }

  /** Begins to put what waits, if that is not under way. */
  void wake() {
    if (!closed && planned.compareAndSet(false, true)) {
      try {
        thread.execute(this::run);
      } catch (RejectedExecutionException e) {
        planned.set(false); // the application stops
      }
    }
  }

  BucketObjects.Backlog backlog() {
    return objects.backlog(identity.node());
  }

  /**
   * Makes sure that the prefix belongs to this cluster. Nothing is written to it before.
   *
   * @throws BucketException if it belongs to another one, or cannot be read or written
   */
  void claim() throws BucketException {
    if (!claimed) {
      BucketOwner.claim(bucket, identity.cluster());
      claimed = true;
    }
  }

  private void run() {
    planned.set(false);
    if (rest.isResting() || ownRest.isResting()) {
      return;
    }
    try {
      claim();
      List<BucketObject> batch = objects.awaited(identity.node(), BATCH);
      while (!batch.isEmpty() && !closed) {
        for (BucketObject object : batch) {
          put(object);
          rest.worked(); // at once: under load the queue may never be empty
        }
        batch = objects.awaited(identity.node(), BATCH);
      }
      rest.worked();
      ownRest.worked();
    } catch (BucketException e) {
      failed(rest, e);
    } catch (IOException | DatabaseException e) {
      failed(ownRest, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void failed(BucketRest what, Exception e) {
    if (!closed) {
      what.failed(String.valueOf(e.getMessage()));
    }
  }

  private void put(BucketObject object) throws IOException, InterruptedException {
    Optional<StoredBlob> blob = near.find(object.digest());
    if (closed) {
      return;
    }
    if (blob.isEmpty() || blob.get().size() != object.size()) {
      log.warn("{} was to be put into the bucket, and is not here any more", object.digest());
      objects.forget(object);
      return;
    }
    String key = bucket.keys().of(object);
    try {
      put(key, blob.get());
    } catch (BlobGoneException e) {
      objects.forget(object);
      return;
    } catch (BucketException e) {
      if (e.kind() == Kind.CORRUPT && !near.verify(object.digest(), ReadPace.FULL)) {
        objects.forget(object); // it is in quarantine now
        return;
      }
      if (e.kind() != Kind.PRESENT) { // an earlier try has put it, and its answer was lost
        throw e;
      }
    }
    if (!objects.stored(object)) {
      bucket.delete(key); // evicted meanwhile
    }
  }

  private void put(String key, StoredBlob blob) throws IOException {
    BlobSource source = blob.open();
    try {
      bucket.uploads().put(key, blob.digest(), source);
    } finally {
      source.release();
    }
  }

  /** Puts nothing more. What is under way is interrupted with its thread. */
  void close() {
    closed = true;
  }
}
