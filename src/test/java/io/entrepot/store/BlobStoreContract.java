package io.entrepot.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.fixture.Background;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Digest.Algorithm;
import io.entrepot.spool.BlobSource;
import io.entrepot.spool.CorruptBlobException;
import io.entrepot.spool.Spool;
import io.entrepot.spool.SpoolFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every blob store must do. A store's own test extends this and adds what is its own. */
@Timeout(60)
public abstract class BlobStoreContract {
  protected static final byte[] BLOB = "goods".getBytes(UTF_8);
  protected static final Digest DIGEST = Digest.ofBytes(Algorithm.SHA256, BLOB);

  /** The store, empty at the beginning of each test. */
  protected abstract BlobStore store();

  /** Where its spool files come from. */
  protected abstract Spool spool();

  /** Replaces the bytes of a stored blob by others of the same length, past the store. */
  protected abstract void damage(Digest digest, byte[] bytes) throws IOException;

  @ParameterizedTest
  @EnumSource
  void committedBlobIsFoundByItsDigest(Algorithm algorithm) throws IOException {
    Digest digest = Digest.ofBytes(algorithm, BLOB);
    assertThat(store().find(digest)).isEmpty();
    assertThat(store().find(digest, BLOB.length)).isEmpty();
    StoredBlob committed = commit(digest, BLOB);
    assertThat(committed.digest()).isEqualTo(digest);
    assertThat(committed.size()).isEqualTo(BLOB.length);
    StoredBlob found = store().find(digest).orElseThrow();
    assertThat(found.digest()).isEqualTo(digest);
    assertThat(found.size()).isEqualTo(BLOB.length);
    assertThat(found.readSound()).isEqualTo(BLOB);
    assertThat(found.isSound()).isTrue();
    assertThat(store().find(digest, BLOB.length).orElseThrow().readSound()).isEqualTo(BLOB);
  }

  private StoredBlob commit(Digest digest, byte[] bytes) throws IOException {
    SpoolFile file = spool().begin(digest, bytes.length);
    try {
      file.append(ByteBuffer.wrap(bytes));
      file.seal();
      return store().commit(file);
    } finally {
      file.release();
    }
  }

  @Test
  void onlyWhatIsSealedIsCommitted() throws IOException {
    SpoolFile file = spool().begin(DIGEST, BLOB.length);
    file.append(ByteBuffer.wrap(BLOB));
    assertThatThrownBy(() -> store().commit(file)).isInstanceOf(IllegalStateException.class);
    file.release();
    assertThat(store().find(DIGEST)).isEmpty();
  }

  @Test
  void blobMayBeStoredAgain() throws IOException {
    put();
    put();
    assertThat(store().find(DIGEST).orElseThrow().readSound()).isEqualTo(BLOB);
  }

  @Test
  void wrongBytesAreNotPut() throws IOException {
    assertThatThrownBy(() -> store().put(DIGEST, "bads!".getBytes(UTF_8)))
        .isInstanceOf(CorruptBlobException.class);
    assertThat(store().find(DIGEST)).isEmpty();
  }

  @Test
  void blobOfAnotherSizeCountsAsAbsentWhereTheSizeIsKnown() throws IOException {
    put();
    assertThat(store().find(DIGEST, BLOB.length + 1)).isEmpty();
  }

  @Test
  void bytesAreReadFromAnyOffset() throws IOException {
    put();
    BlobSource source = store().find(DIGEST).orElseThrow().open();
    assertThat(source.available()).isEqualTo(BLOB.length);
    assertThat(read(source, 2, 2)).isEqualTo("od".getBytes(UTF_8));
    assertThat(read(source, 0, BLOB.length)).isEqualTo(BLOB);
    CountDownLatch awake = new CountDownLatch(1);
    source.park(0, awake::countDown);
    await(awake);
    source.release();
  }

  @Test
  void removedBlobIsGoneButItsReaderKeepsIt() throws IOException {
    BlobSource open = put().open();
    assertThat(store().removeUnless(DIGEST, () -> false)).isTrue();
    assertThat(store().find(DIGEST)).isEmpty();
    assertThat(store().find(DIGEST, BLOB.length)).isEmpty();
    assertThat(read(open, 0, BLOB.length)).isEqualTo(BLOB);
    open.release();
  }

  /** Reads, and parks where nothing is here yet. */
  private static byte[] read(BlobSource source, long offset, int length) throws IOException {
    ByteBuffer read = ByteBuffer.allocate(length);
    while (read.hasRemaining()) {
      int before = read.position();
      int n = source.read(read, offset + before);
      assertThat(n).isNotNegative().isEqualTo(read.position() - before);
      if (n == 0) {
        CountDownLatch awake = new CountDownLatch(1);
        source.park(offset + before, awake::countDown);
        await(awake);
      }
    }
    return read.array();
  }

  @Test
  void blobThatWentAfterItWasFoundIsToldToBeGone() throws IOException {
    put();
    StoredBlob found = store().find(DIGEST).orElseThrow();
    assertThat(store().removeUnless(DIGEST, () -> false)).isTrue();
    assertThatThrownBy(found::open)
        .isInstanceOf(BlobGoneException.class)
        .hasMessageContaining(DIGEST.toString());
    assertThatThrownBy(found::readSound).isInstanceOf(BlobGoneException.class);
    assertThatThrownBy(found::isSound).isInstanceOf(BlobGoneException.class);
  }

  @Test
  void blobThatIsNeededAfterAllStays() throws IOException {
    put();
    assertThat(store().removeUnless(DIGEST, () -> true)).isFalse();
    assertThat(store().find(DIGEST)).isPresent();
  }

  @Test
  void removingWhatIsNotThereSucceeds() throws IOException {
    assertThat(store().removeUnless(DIGEST, () -> false)).isTrue();
  }

  @Test
  void blobIsNotRemovedWhileItIsKept() throws Exception {
    put();
    CountDownLatch kept = new CountDownLatch(1);
    CountDownLatch removing = new CountDownLatch(1);
    List<String> order = new ArrayList<>();
    CompletableFuture<Void> keeper =
        Background.run(
            () ->
                store()
                    .whileKept(
                        DIGEST,
                        () -> {
                          kept.countDown();
                          await(removing);
                          order.add("linked");
                        }));
    await(kept);
    CompletableFuture<Boolean> remover =
        Background.supply(
            () -> {
              removing.countDown();
              return removeUnless(order);
            });
    assertThat(remover.get(30, TimeUnit.SECONDS)).isFalse();
    keeper.get(30, TimeUnit.SECONDS);
    assertThat(store().find(DIGEST)).isPresent();
  }

  private boolean removeUnless(List<String> order) {
    try {
      return store().removeUnless(DIGEST, () -> order.contains("linked"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void soundBlobIsVerifiedAndStays() throws Exception {
    put();
    List<Long> read = new ArrayList<>();
    assertThat(store().verify(DIGEST, read::add)).isTrue();
    assertThat(read.stream().mapToLong(Long::longValue).sum()).isEqualTo(BLOB.length);
    assertThat(store().find(DIGEST)).isPresent();
  }

  @Test
  void absentBlobIsNotDamaged() {
    assertThatThrownBy(() -> store().verify(DIGEST, ReadPace.FULL))
        .isInstanceOf(BlobGoneException.class);
  }

  @Test
  void damagedBlobIsTakenOut() throws Exception {
    put();
    damage(DIGEST, "bads!".getBytes(UTF_8));
    assertThat(store().find(DIGEST).orElseThrow().readSound()).isNull();
    assertThat(store().find(DIGEST).orElseThrow().isSound()).isFalse();
    assertThat(store().verify(DIGEST, ReadPace.FULL)).isFalse();
    assertThat(store().find(DIGEST)).isEmpty();
    assertThat(store().find(DIGEST, BLOB.length)).isEmpty();
  }

  @Test
  void blobThatIsReplacedWhileItsDamagedBytesAreReadStays() throws Exception {
    put();
    damage(DIGEST, "bads!".getBytes(UTF_8));
    assertThat(store().verify(DIGEST, bytes -> putAgain())).isFalse();
    assertThat(store().find(DIGEST).orElseThrow().readSound()).isEqualTo(BLOB);
  }

  private void putAgain() {
    try {
      put();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private StoredBlob put() throws IOException {
    return store().put(DIGEST, BLOB);
  }

  @Test
  void interruptOfThePaceEndsAVerification() throws IOException {
    put();
    assertThatThrownBy(
            () ->
                store()
                    .verify(
                        DIGEST,
                        bytes -> {
                          throw new InterruptedException("the application stops");
                        }))
        .isInstanceOf(InterruptedException.class);
    assertThat(store().find(DIGEST)).isPresent();
  }

  @Test
  void allBlobsAreListedInTheOrderOfTheirDigests() throws IOException {
    List<Digest> put = putFifty();
    put.sort(Comparator.comparing(Digest::toString));
    assertThat(listed()).containsExactlyElementsOf(put);
  }

  protected final List<Digest> listed() throws IOException {
    List<Digest> listed = new ArrayList<>();
    List<Digest> batch = store().digestsAfter(null);
    while (!batch.isEmpty()) {
      listed.addAll(batch);
      batch = store().digestsAfter(batch.get(batch.size() - 1));
    }
    return listed;
  }

  protected final List<Digest> putFifty() throws IOException {
    List<Digest> put = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      byte[] blob = ("blob " + i).getBytes(UTF_8);
      Digest digest = Digest.ofBytes(i % 2 == 0 ? Algorithm.SHA256 : Algorithm.SHA512, blob);
      Object unused = store().put(digest, blob);
      put.add(digest);
    }
    return put;
  }
}
