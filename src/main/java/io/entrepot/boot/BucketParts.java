package io.entrepot.boot;

import io.entrepot.admin.ClusterStatistics;
import io.entrepot.catalog.BucketObjects;
import io.entrepot.catalog.Catalog;
import io.entrepot.database.Database;
import io.entrepot.database.DatabaseException;
import io.entrepot.spool.DataFolder;
import io.entrepot.spool.StorageQuota;
import io.entrepot.store.BlobStore;
import io.entrepot.store.s3.Bucket;
import io.entrepot.store.s3.BucketException;
import io.entrepot.store.s3.BucketOwner;
import io.entrepot.store.s3.BucketPlace;
import io.entrepot.store.s3.S3BlobStore;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The bucket behind the storage folder, and what is done for it from time to time. */
final class BucketParts implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(BucketParts.class);

  /** The text of the catalog by which a bucket knows its database. */
  private static final String ID = "bucket-id";

  private static final int LOOK_SECONDS = 1;

  /** The longest time between the last use of a blob and the removal of its near file. */
  private static final Duration MAX_GRACE = Duration.ofSeconds(5);

  private final Bucket bucket;
  private final S3BlobStore store;
  private final Catalog catalog;
  private final Threads threads;
  private final Duration grace;
  private final StorageQuota quota;
  private final Clock clock;

  /**
   * What the bucket is put behind.
   *
   * @param folder holds the near copies, and has an id
   * @param near the store in it
   * @param catalog knows what the bucket has
   * @param unlinkGrace how long a response may take to open a file that it has found
   * @param lowWater down to which percentage of its quota room is made
   */
  record Near(
      DataFolder folder, BlobStore near, Catalog catalog, Duration unlinkGrace, int lowWater) {}

  /**
   * Opens the bucket. One that is away is used later.
   *
   * @throws StartException that names the setting if the bucket cannot be used; then nothing was
   *     written to it
   */
  BucketParts(BucketPlace place, Near near, Threads threads, Clock clock) {
    this.catalog = near.catalog();
    this.threads = threads;
    this.grace = near.unlinkGrace().compareTo(MAX_GRACE) < 0 ? near.unlinkGrace() : MAX_GRACE;
    this.quota = new StorageQuota(place.quota(), near.lowWater());
    this.clock = clock;
    try {
      bucket = Bucket.open(place, clock);
    } catch (BucketException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    }
    try {
      store =
          new S3BlobStore(
              near.near(),
              bucket,
              catalog.objects(),
              id(),
              near.folder().id().orElseThrow(),
              new S3BlobStore.Workers(threads.bucket(), System::nanoTime));
      require(store::claim);
      log.info("Blobs are kept in the bucket {}", bucket);
    } catch (IOException e) {
      bucket.close();
      throw new StartException("storage.filesystem.rootdirectory: its id cannot be read", e);
    } catch (RuntimeException e) {
      bucket.close();
      throw e;
    }
  }

  /** Refuses a database that no other node can have: H2, also where a server has bound one. */
  static void checkDatabase(DataSource dataSource) {
    if (!Database.isPostgresql(dataSource)) {
      throw new StartException(
          "storage.s3.bucket: a bucket needs a PostgreSQL; set database.url, or bind one as"
              + " datasource");
    }
  }

  /** The id of the database, to which the prefix of the bucket belongs or will belong. */
  private String id() {
    require(() -> BucketOwner.check(bucket, () -> catalog.texts().find(ID)));
    return catalog.texts().claim(ID, UUID.randomUUID().toString());
  }

  /** A request to the bucket. */
  private interface Request {
    void send() throws BucketException;
  }

  private void require(Request request) {
    try {
      request.send();
    } catch (BucketException e) {
      if (e.kind() == BucketException.Kind.SETTING) {
        throw new StartException(String.valueOf(e.getMessage()), e);
      }
      log.warn("The bucket {} cannot be used yet: {}", bucket, e.getMessage());
    }
  }

  S3BlobStore store() {
    return store;
  }

  /** Begins to put what waits, and to look for a bucket that was away. */
  void start() {
    store.start();
    var unused =
        threads
            .timer()
            .scheduleWithFixedDelay(store::look, LOOK_SECONDS, LOOK_SECONDS, TimeUnit.SECONDS);
  }

  /** Brings bucket, rows and folder in line; for a background thread. */
  void sweep() {
    try {
      store.sweep(clock.instant());
    } catch (IOException | DatabaseException e) {
      log.warn("The bucket could not be swept; the next attempt is in an hour: {}", e.getMessage());
    }
  }

  /** Takes near copies away that the bucket has, the longest unused first. */
  long makeRoom(long bytes) throws IOException, InterruptedException {
    return store.makeRoom(bytes, catalog::flush, () -> Thread.sleep(grace.toMillis()));
  }

  /** Whether the bucket may hold only so much. */
  boolean isBounded() {
    return quota.isSet();
  }

  /** How many bytes must go from the bucket; 0 if it is within its quota. Asks the database. */
  long excess() {
    return quota.excess(catalog.objects().bytes());
  }

  /** The bucket and what waits to be put into it. Asks the database. */
  ClusterStatistics.BucketState state() {
    BucketObjects.Backlog waiting = store.backlog();
    Duration age =
        waiting.oldest() == null
            ? Duration.ZERO
            : Duration.between(waiting.oldest(), clock.instant());
    return new ClusterStatistics.BucketState(
        bucket.toString(),
        waiting.blobs(),
        waiting.own(),
        waiting.bytes(),
        Math.max(0, age.toSeconds()),
        store.bucketTrouble().orElse(null),
        store.lastFailure().orElse(null));
  }

  @Override
  public void close() {
    store.close();
    bucket.close();
  }
}
