package io.entrepot.store.s3;

import io.entrepot.catalog.BucketObject;
import io.entrepot.catalog.BucketObjects;
import io.entrepot.oci.Digest;
import io.entrepot.spool.SpoolFile;
import io.entrepot.store.BlobGoneException;
import io.entrepot.store.BlobStore;
import io.entrepot.store.FarBlob;
import io.entrepot.store.ReadPace;
import io.entrepot.store.StoredBlob;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The blob store in an S3 bucket, with a folder near this node before it. Clients get bytes from
 * the folder only. A blob is committed to the folder, and put into the bucket later; no client
 * waits for that. A blob that the folder has not is {@linkplain #findFar far}: a fill brings it
 * back.
 *
 * <p>Which objects the bucket has is in the database. A removal takes the row first and the object
 * after it, and a put marks the row at its end. Each object has a key of its own, so a put and a
 * removal that cross leave an object without a row at worst, which the {@linkplain BucketSweep
 * sweep} deletes.
 */
public final class S3BlobStore implements BlobStore, AutoCloseable {
  private final BlobStore near;
  private final Bucket bucket;
  private final BucketObjects objects;
  private final BucketRest rest;
  private final BucketRest queueRest;
  private final PutQueue queue;

  /** Blobs whose near files go soon, so nobody may begin to read them. */
  private final Set<Digest> leaving = ConcurrentHashMap.newKeySet();

  /**
   * Wires the collaborators.
   *
   * @param near the store in the folder
   * @param bucket stays the caller's to close
   * @param cluster the id of the database
   * @param node the id of the folder
   * @param workers what the work is done with
   */
  public S3BlobStore(
      BlobStore near,
      Bucket bucket,
      BucketObjects objects,
      String cluster,
      String node,
      Workers workers) {
    this.near = near;
    this.bucket = bucket;
    this.objects = objects;
    this.rest = new BucketRest("The bucket", workers.nanoTime());
    this.queueRest = new BucketRest("Putting into the bucket", workers.nanoTime());
    PutQueue.Identity identity = new PutQueue.Identity(cluster, node);
    this.queue = new PutQueue(near, bucket, objects, identity, rest, queueRest, workers.puts());
  }

  /**
   * What the work is done with.
   *
   * @param puts one thread, which blocks on the bucket
   * @param nanoTime a monotonic clock, as {@link System#nanoTime}
   */
  public record Workers(Executor puts, LongSupplier nanoTime) {}

  /**
   * Makes sure that the bucket can be used and belongs to this cluster. Without it this is done
   * before the first put.
   *
   * @throws BucketException that names the setting that is wrong, or says that it is away
   */
  public void claim() throws BucketException {
    queue.claim();
  }

  /** Goes on with what waits. To be called at the start and then about once a second. */
  public void look() {
    if (rest.trouble().isPresent() || queueRest.trouble().isPresent()) {
      queue.wake();
    }
  }

  /** Begins to put what an earlier run has left. */
  public void start() {
    queue.wake();
  }

  /** What all nodes have to put into the bucket, and how much of it this one has. */
  public BucketObjects.Backlog backlog() {
    return queue.backlog();
  }

  /** Why the bucket failed at the last request; empty if it did not. */
  public Optional<String> bucketTrouble() {
    return rest.trouble();
  }

  /** Why the bucket has failed last, also if it works again; empty if it never has. */
  public Optional<String> lastFailure() {
    return rest.lastFailure();
  }

  @Override
  public Optional<StoredBlob> find(Digest digest) throws IOException {
    return leaving.contains(digest) ? Optional.empty() : near.find(digest);
  }

  @Override
  public Optional<StoredBlob> find(Digest digest, long size) throws IOException {
    return leaving.contains(digest) ? Optional.empty() : near.find(digest, size);
  }

  /** Empty also while the bucket is away: then the upstream is asked. */
  @Override
  public Optional<FarBlob> findFar(Digest digest) {
    return rest.isResting()
        ? Optional.empty()
        : objects.findStored(digest).map(object -> new FarObject(object, bucket, objects, rest));
  }

  @Override
  public boolean sendsClients() {
    return bucket.isPublic();
  }

  @Override
  public StoredBlob commit(SpoolFile sealed) throws IOException {
    leaving.remove(sealed.digest());
    return put(near.commit(sealed));
  }

  @Override
  public StoredBlob put(Digest digest, byte[] bytes) throws IOException {
    leaving.remove(digest);
    return put(near.put(digest, bytes));
  }

  private StoredBlob put(StoredBlob blob) {
    queue.add(blob.digest(), blob.size());
    return blob;
  }

  /** What only the bucket has is not read here: it is verified when it is brought back. */
  @Override
  public boolean verify(Digest digest, ReadPace pace) throws IOException, InterruptedException {
    try {
      return near.verify(digest, pace);
    } catch (BlobGoneException e) {
      if (objects.findStored(digest).isPresent()) {
        return true;
      }
      throw e;
    }
  }

  @Override
  public void whileKept(Digest digest, Runnable action) {
    near.whileKept(digest, action);
  }

  @Override
  public boolean removeUnless(Digest digest, BooleanSupplier needed) throws IOException {
    AtomicReference<@Nullable BucketObject> forgotten = new AtomicReference<>();
    try {
      return near.removeUnless(
          digest,
          () -> {
            boolean stays = needed.getAsBoolean();
            if (!stays) {
              forgotten.set(objects.forget(digest).orElse(null));
            }
            return stays;
          });
    } finally {
      BucketObject object = forgotten.get();
      if (object != null) {
        new FarObject(object, bucket, objects, rest).delete();
      }
    }
  }

  /**
   * Takes the near files of blobs away that the bucket has: those first that were not used for
   * longest.
   *
   * @param wanted how many bytes
   * @param flush writes the last uses to the database
   * @param wait waits until no response is about to open one of the files
   * @return how many bytes have come back
   */
  public long makeRoom(long wanted, Runnable flush, NearRoom.Waits wait)
      throws IOException, InterruptedException {
    flush.run();
    List<BucketObject> oldest = new NearRoom(near, objects).oldest(wanted);
    oldest.forEach(object -> leaving.add(object.digest()));
    long freed = 0;
    try {
      if (!oldest.isEmpty()) {
        wait.forReaders();
      }
      for (BucketObject object : oldest) {
        Digest digest = object.digest();
        freed += near.removeUnless(digest, () -> !leaving.remove(digest)) ? object.size() : 0;
      }
    } finally {
      oldest.forEach(object -> leaving.remove(object.digest()));
    }
    return freed;
  }

  /** Deletes what no row knows, and puts what no row has. To be called about once an hour. */
  public void sweep(Instant now) throws IOException {
    new BucketSweep(near, bucket, objects, queue).run(now);
  }

  @Override
  public boolean isRead(Digest digest) {
    return near.isRead(digest);
  }

  @Override
  public List<Digest> digestsAfter(@Nullable Digest last) throws IOException {
    return near.digestsAfter(last);
  }

  @Override
  public void forgetRemoved() {
    near.forgetRemoved();
  }

  @Override
  public Optional<String> trouble() {
    return near.trouble()
        .or(() -> rest.trouble().map(why -> "the bucket " + bucket + " fails: " + why))
        .or(() -> queueRest.trouble().map(why -> "nothing is put into the bucket: " + why));
  }

  /** Puts nothing more. */
  @Override
  public void close() {
    queue.close();
  }
}
