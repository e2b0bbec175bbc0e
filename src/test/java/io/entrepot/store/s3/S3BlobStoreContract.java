package io.entrepot.store.s3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.entrepot.catalog.BucketObject;
import io.entrepot.catalog.Catalog;
import io.entrepot.database.FaultyDataSource;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Digest.Algorithm;
import io.entrepot.spool.Spool;
import io.entrepot.store.BlobStore;
import io.entrepot.store.BlobStoreContract;
import io.entrepot.store.FarBlob;
import io.entrepot.store.file.TestStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the store in a bucket must do besides what every store must, with any S3 service. Its puts
 * run on the thread of the test, so a blob is in the bucket when it is committed.
 */
abstract class S3BlobStoreContract extends BlobStoreContract {
  static final String CLUSTER = "cluster-1";

  @TempDir Path root;

  private static JdbcDataSource database;
  static FaultyDataSource dataSource;
  static Catalog catalog;

  final AtomicLong nanoTime = new AtomicLong();
  TestStore near;
  S3BlobStore store;

  /** A bucket whose objects are those of the prefix alone. */
  abstract Bucket bucket() throws IOException;

  @BeforeAll
  static void openDatabase() {
    database = new JdbcDataSource();
    database.setURL("jdbc:h2:mem:objects;DB_CLOSE_DELAY=-1");
    dataSource = new FaultyDataSource(database);
    catalog = new Catalog(dataSource, MemoryBudget.ofHeap(), Clock.systemUTC());
  }

  @AfterAll
  static void closeDatabase() throws SQLException {
    execute("SHUTDOWN");
  }

  private static void execute(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @BeforeEach
  void openStore() throws Exception {
    dataSource.comeBack();
    execute("DELETE FROM bucket_object");
    near = TestStore.open(root);
    store = open("node-1");
  }

  S3BlobStore open(String node) throws IOException {
    return new S3BlobStore(
        near.store(),
        bucket(),
        catalog.objects(),
        CLUSTER,
        node,
        new S3BlobStore.Workers(Runnable::run, nanoTime::get));
  }

  @AfterEach
  void closeStore() throws IOException {
    store.close();
    near.close();
  }

  @Override
  protected BlobStore store() {
    return store;
  }

  @Override
  protected Spool spool() {
    return near.spool();
  }

  @Override
  protected void damage(Digest digest, byte[] bytes) throws IOException {
    Files.write(file(digest), bytes);
  }

  final Path file(Digest digest) throws IOException {
    return store.find(digest).orElseThrow().localFile().orElseThrow();
  }

  static BucketObject object(Digest digest) {
    return catalog.objects().of(Set.of(digest)).get(0);
  }

  static byte[] read(FarBlob blob, long first, long last) throws IOException {
    try (InputStream in = blob.open(first, last)) {
      return in.readAllBytes();
    }
  }

  @Test
  void blobOfWhichTheNearFileIsGoneIsFar() throws Exception {
    Object unused = store.put(DIGEST, BLOB);
    Files.delete(file(DIGEST));
    assertThat(store.find(DIGEST)).isEmpty();
    FarBlob far = store.findFar(DIGEST).orElseThrow();
    assertThat(far.digest()).isEqualTo(DIGEST);
    assertThat(far.size()).isEqualTo(BLOB.length);
    assertThat(read(far, 0, Long.MAX_VALUE)).isEqualTo(BLOB);
    assertThat(read(far, 1, 2)).isEqualTo(Arrays.copyOfRange(BLOB, 1, 3));
    assertThat(read(far, 3, Long.MAX_VALUE)).isEqualTo(Arrays.copyOfRange(BLOB, 3, BLOB.length));
    assertThat(store.verify(DIGEST, bytes -> {})).isTrue();
  }

  @Test
  void blobThatNobodyHasStoredIsNotFar() {
    assertThat(store.findFar(DIGEST)).isEmpty();
  }

  @Test
  void removedBlobIsGoneFromTheBucketToo() throws Exception {
    Object unused = store.put(DIGEST, BLOB);
    String key = bucket().keys().of(object(DIGEST));
    assertThat(bucket().get(key, 100)).isEqualTo(BLOB);
    assertThat(store.removeUnless(DIGEST, () -> false)).isTrue();
    assertThat(store.findFar(DIGEST)).isEmpty();
    assertThat(bucket().list(null)).isEmpty();
  }

  @Test
  void blobThatIsStoredAgainAfterItsRemovalHasAnotherKey() throws Exception {
    Object unused = store.put(DIGEST, BLOB);
    BucketObject before = object(DIGEST);
    assertThat(store.removeUnless(DIGEST, () -> false)).isTrue();
    Object unusedToo = store.put(DIGEST, BLOB);
    assertThat(object(DIGEST).generation()).isNotEqualTo(before.generation());
    assertThat(bucket().keys().of(object(DIGEST)))
        .isEqualTo(
            bucket().keys().prefix()
                + "blobs/sha256/"
                + DIGEST.hex().substring(0, 2)
                + "/"
                + DIGEST.hex()
                + "."
                + object(DIGEST).generation());
  }

  @Test
  void blobOfSeveralPartsComesBackWhole() throws Exception {
    byte[] large = new byte[(int) (2 * partSize() + 50)];
    for (int i = 0; i < large.length; i++) {
      large[i] = (byte) (i * 31);
    }
    Digest digest = Digest.ofBytes(Algorithm.SHA512, large);
    Object unused = store.put(digest, large);
    assertThat(read(store.findFar(digest).orElseThrow(), 0, Long.MAX_VALUE)).isEqualTo(large);
    assertThat(bucket().uploads().sweep(key -> false, Instant.MAX)).isZero();
  }

  abstract long partSize();

  @Test
  void damagedObjectIsForgottenAndDeleted() throws Exception {
    Object unused = store.put(DIGEST, BLOB);
    store.findFar(DIGEST).orElseThrow().wasWrong();
    assertThat(store.findFar(DIGEST)).isEmpty();
    assertThat(bucket().list(null)).isEmpty();
  }

  @Test
  void sweepDeletesWhatNoRowKnowsAfterAnHourAndNothingElse() throws Exception {
    Object unused = store.put(DIGEST, BLOB);
    String strange = bucket().keys().of(new BucketObject(DIGEST, "abc", 1));
    bucket().uploads().put(strange, "bytes".getBytes(UTF_8));
    store.sweep(Instant.now().plus(Duration.ofMinutes(50)));
    assertThat(bucket().list(null)).hasSize(2);
    store.sweep(Instant.now().plus(Duration.ofMinutes(70)));
    assertThat(bucket().list(null))
        .extracting(Bucket.Listed::key)
        .containsExactly(bucket().keys().of(object(DIGEST)));
  }

  @Test
  void sweepPutsWhatTheFolderHasAndTheBucketHasNot() throws Exception {
    Object unused = near.store().put(DIGEST, BLOB);
    store.sweep(Instant.now());
    assertThat(store.findFar(DIGEST)).isEmpty(); // the catalog does not know it
    catalog.blobs().adopt(DIGEST, BLOB.length, Instant.now());
    store.sweep(Instant.now());
    assertThat(read(store.findFar(DIGEST).orElseThrow(), 0, Long.MAX_VALUE)).isEqualTo(BLOB);
  }

  @Test
  void prefixOfAnotherClusterIsNotWritten() throws Exception {
    store.claim();
    BucketException refused =
        catchThrowableOfType(BucketException.class, () -> BucketOwner.claim(bucket(), "cluster-2"));
    assertThat(refused.kind()).isEqualTo(BucketException.Kind.SETTING);
    assertThat(refused).hasMessageContaining("storage.s3.prefix").hasMessageContaining(CLUSTER);
    assertThat(BucketOwner.find(bucket())).contains(CLUSTER);
  }
}
