package io.entrepot.store.s3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.entrepot.fixture.FakeS3;
import io.entrepot.fixture.FakeS3.Fault.Answer;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Digest.Algorithm;
import io.entrepot.store.FarBlob;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The store in a bucket, with a service in memory that counts requests and fails as it is told. */
class S3BlobStoreTest extends S3BlobStoreContract {
  private static final FakeS3.Fault[] AWAY =
      Collections.nCopies(4, Answer.SLOW_DOWN).toArray(new FakeS3.Fault[0]);

  private static FakeS3 service;
  private static Bucket bucket;

  @BeforeAll
  static void openService() throws IOException {
    service = new FakeS3();
    bucket = BucketFixture.open(service);
  }

  @BeforeEach
  void clearService() {
    service.clear();
  }

  @AfterAll
  static void closeService() {
    bucket.close();
    service.close();
  }

  @Override
  Bucket bucket() {
    return bucket;
  }

  @Override
  long partSize() {
    return BucketFixture.PART;
  }

  private static byte[] text(String text) {
    return text.getBytes(UTF_8);
  }

  private static Digest digest(String text) {
    return Digest.ofBytes(Algorithm.SHA256, text(text));
  }

  @Test
  void firstPutClaimsThePrefixAndEveryFurtherOneCostsOneRequest() throws IOException {
    Object unused = store.put(DIGEST, BLOB);
    assertThat(service.requests)
        .containsExactly(
            "GET near/owner", "PUT near/owner", "PUT " + bucket.keys().of(object(DIGEST)));
    service.requests.clear();
    Object unusedToo = store.put(digest("more"), text("more"));
    assertThat(service.requests).hasSize(1);
  }

  @Test
  void nearHitCostsNoRequest() throws IOException {
    Object unused = store.put(DIGEST, BLOB);
    service.requests.clear();
    assertThat(store.find(DIGEST)).isPresent();
    assertThat(store.find(DIGEST, BLOB.length)).isPresent();
    assertThat(service.requests).isEmpty();
  }

  @Test
  void blobThatTheBucketHasIsNotPutAgain() throws IOException {
    Object unused = store.put(DIGEST, BLOB);
    service.requests.clear();
    Object unusedToo = store.put(DIGEST, BLOB);
    assertThat(service.requests).isEmpty();
  }

  @Test
  void whileTheBucketIsAwayBlobsWaitAndAreNearAndHealthSaysSo() throws IOException {
    store.claim();
    service.fail(AWAY);
    Object unused = store.put(DIGEST, BLOB);
    assertThat(store.find(DIGEST)).isPresent();
    assertThat(store.findFar(DIGEST)).isEmpty();
    assertThat(store.backlog().own()).isEqualTo(1);
    assertThat(store.trouble()).get().asString().contains(FakeS3.BUCKET, "503", "SlowDown");

    service.requests.clear();
    store.look(); // it rests for a second
    assertThat(service.requests).isEmpty();
    nanoTime.addAndGet(BucketRest.SHORTEST.toNanos());
    store.look();
    assertThat(store.backlog().own()).isZero();
    assertThat(store.findFar(DIGEST)).isPresent();
    assertThat(store.trouble()).isEmpty();
    assertThat(store.bucketTrouble()).isEmpty();
    assertThat(store.lastFailure()).get().asString().contains("SlowDown");
  }

  @Test
  void databaseThatIsAwayIsNotTheBucketsFault() throws IOException {
    store.claim();
    service.fail(AWAY);
    Object unused = store.put(DIGEST, BLOB);
    S3BlobStore again = open("node-1");
    dataSource.goDown();
    again.start();
    assertThat(again.trouble()).get().asString().contains("nothing is put", "database is down");
    assertThat(again.bucketTrouble()).isEmpty();

    dataSource.comeBack();
    again.look(); // it rests for a second
    assertThat(again.backlog().own()).isEqualTo(1);
    nanoTime.addAndGet(BucketRest.SHORTEST.toNanos());
    again.look();
    assertThat(again.backlog().own()).isZero();
    assertThat(again.trouble()).isEmpty();
  }

  @Test
  void whatWaitsSurvivesARestart() throws IOException {
    store.claim();
    service.fail(AWAY);
    Object unused = store.put(DIGEST, BLOB);
    S3BlobStore other = open("node-2"); // has no such file
    other.start();
    assertThat(other.backlog().own()).isZero();
    assertThat(store.backlog().own()).isEqualTo(1);
    S3BlobStore again = open("node-1");
    again.start();
    assertThat(again.backlog().own()).isZero();
    assertThat(again.findFar(DIGEST)).isPresent();
  }

  @Test
  void putWhoseAnswerIsLostIsNotDoneTwice() throws IOException {
    store.claim();
    service.fail(new FakeS3.Fault.Lost());
    Object unused = store.put(DIGEST, BLOB);
    assertThat(store.findFar(DIGEST)).isPresent();
    assertThat(service.count("PUT near/blobs")).isEqualTo(2); // the second met the first's object
    assertThat(bucket.list(null)).hasSize(1);
  }

  @Test
  void blobEvictedWhileItWaitsIsNeverPut() throws IOException {
    store.claim();
    service.fail(AWAY);
    Object unused = store.put(DIGEST, BLOB);
    assertThat(store.removeUnless(DIGEST, () -> false)).isTrue();
    assertThat(store.backlog().own()).isZero();
    nanoTime.addAndGet(BucketRest.SHORTEST.toNanos());
    store.look();
    assertThat(bucket.list(null)).isEmpty();
  }

  @Test
  void damagedNearFileIsNotPut() throws IOException {
    store.claim();
    service.fail(AWAY);
    Object unused = store.put(DIGEST, BLOB);
    Files.write(file(DIGEST), text("bads!"));
    nanoTime.addAndGet(BucketRest.SHORTEST.toNanos());
    store.look();
    assertThat(bucket.list(null)).isEmpty();
    assertThat(store.find(DIGEST)).isEmpty(); // in quarantine
    assertThat(store.backlog().own()).isZero();
    assertThat(store.trouble()).isEmpty();
  }

  @Test
  void objectThatSomebodyHasDeletedIsForgotten() throws IOException {
    Object unused = store.put(DIGEST, BLOB);
    FarBlob far = store.findFar(DIGEST).orElseThrow();
    service.objects.keySet().removeIf(key -> key.startsWith("near/blobs/"));
    BucketException gone =
        catchThrowableOfType(BucketException.class, () -> far.open(0, Long.MAX_VALUE));
    assertThat(gone.kind()).isEqualTo(BucketException.Kind.ABSENT);
    assertThat(store.findFar(DIGEST)).isEmpty();
    assertThat(store.trouble()).isEmpty();
  }

  @Test
  void readThatFailsLetsTheBucketRest() throws IOException {
    Object unused = store.put(DIGEST, BLOB);
    FarBlob far = store.findFar(DIGEST).orElseThrow();
    service.fail(AWAY);
    BucketException away = catchThrowableOfType(BucketException.class, () -> far.open(0, 1));
    assertThat(away.kind()).isEqualTo(BucketException.Kind.AWAY);
    assertThat(store.findFar(DIGEST)).isEmpty();
    nanoTime.addAndGet(BucketRest.SHORTEST.toNanos());
    assertThat(store.findFar(DIGEST)).isPresent();
  }

  @Test
  void roomIsMadeByTheLongestUnusedThatTheBucketHas() throws Exception {
    List<Digest> blobs = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      byte[] blob = text("blob " + i);
      Digest digest = Digest.ofBytes(Algorithm.SHA256, blob);
      blobs.add(digest);
      if (i == 3) {
        service.fail(AWAY); // the last waits
      }
      Object unused = store.put(digest, blob);
      catalog.blobs().adopt(digest, blob.length, Instant.now());
      catalog.blobs().verified(List.of(digest), Instant.now());
    }
    long freed =
        store.makeRoom(
            12,
            () -> {},
            () -> assertThat(blobs.stream().filter(this::isNear).count()).isEqualTo(2));
    assertThat(freed).isEqualTo(12);
    assertThat(blobs.stream().filter(this::isNear).count()).isEqualTo(2);
    assertThat(isNear(blobs.get(3))).isTrue();
    assertThat(store.makeRoom(1_000, () -> {}, () -> {})).isEqualTo(6);
    assertThat(isNear(blobs.get(3))).isTrue();
    assertThat(store.makeRoom(1_000, () -> {}, () -> {})).isZero();
    for (Digest blob : blobs.subList(0, 3)) {
      nanoTime.addAndGet(BucketRest.SHORTEST.toNanos());
      assertThat(store.findFar(blob)).isPresent();
    }
  }

  private boolean isNear(Digest digest) {
    try {
      return store.find(digest).isPresent();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void blobThatComesBackWhileRoomIsMadeStays() throws Exception {
    Object unused = store.put(DIGEST, BLOB);
    catalog.blobs().adopt(DIGEST, BLOB.length, Instant.now());
    assertThat(
            store.makeRoom(
                1,
                () -> {},
                () -> {
                  assertThat(isNear(DIGEST)).isFalse();
                  putAgain();
                }))
        .isZero();
    assertThat(isNear(DIGEST)).isTrue();
  }

  private void putAgain() {
    try {
      Object unused = store.put(DIGEST, BLOB);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
