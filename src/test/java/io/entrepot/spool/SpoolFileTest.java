package io.entrepot.spool;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.fixture.Background;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Digest.Algorithm;
import io.entrepot.store.BlobStore;
import io.entrepot.store.StoredBlob;
import io.entrepot.store.file.TestStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SpoolFileTest {
  private Path root;
  private TestStore files;
  private BlobStore store;

  @BeforeEach
  @BeforeProperty
  void openStore() throws IOException {
    root = Files.createTempDirectory("spool-test");
    files = TestStore.open(root);
    store = files.store();
  }

  @AfterEach
  @AfterProperty
  void closeStore() throws IOException {
    files.close();
    FileUtils.deleteDirectory(root.toFile());
  }

  @Test
  void watermarkStaysShortOfTheEndUntilVerified() throws IOException {
    byte[] blob = bytes(200_000);
    SpoolFile file = begin(blob);
    file.append(ByteBuffer.wrap(blob));
    assertThat(file.available()).isEqualTo(200_000 - SpoolFile.HOLD_BACK);
    file.seal();
    assertThat(file.available()).isEqualTo(200_000);
    file.release();
  }

  @Test
  void readerThatHasCaughtUpIsWokenWhenMoreComes() throws IOException {
    byte[] blob = bytes(200_000);
    SpoolFile file = begin(blob);
    BlobSource reader = Objects.requireNonNull(file.join(0));
    AtomicInteger wakes = new AtomicInteger();
    assertThat(reader.read(ByteBuffer.allocate(1), 0)).isZero();
    reader.park(0, wakes::incrementAndGet);
    assertThat(wakes).hasValue(0);

    file.append(ByteBuffer.wrap(blob, 0, 100_000));
    assertThat(wakes).hasValue(1);
    assertThat(reader.read(ByteBuffer.allocate(1), 0)).isEqualTo(1);
    reader.park(1, wakes::incrementAndGet);
    assertThat(wakes).hasValue(2);

    file.append(ByteBuffer.wrap(blob, 100_000, 100_000));
    assertThat(reader.read(ByteBuffer.allocate(1), file.available())).isZero();
    reader.park(file.available(), wakes::incrementAndGet);
    assertThat(wakes).hasValue(2);
    file.seal();
    assertThat(wakes).hasValue(3);
    reader.release();
    file.release();
  }

  @Test
  void readerThatHasCaughtUpIsToldThatNothingMoreComes() throws IOException {
    SpoolFile file = begin(bytes(200_000));
    BlobSource reader = Objects.requireNonNull(file.join(0));
    AtomicInteger wakes = new AtomicInteger();
    reader.park(0, wakes::incrementAndGet);

    IllegalStateException why = new IllegalStateException("the upstream broke off");
    file.fail(why);

    assertThat(wakes).hasValue(1);
    assertThatThrownBy(() -> reader.read(ByteBuffer.allocate(1), 0))
        .isInstanceOf(IOException.class)
        .hasCause(why);
    reader.park(0, wakes::incrementAndGet);
    assertThat(wakes).hasValue(2);
    reader.release();
    file.release();
  }

  @Test
  void smallBlobGivesNothingBeforeItIsVerified() throws IOException {
    byte[] blob = bytes(SpoolFile.HOLD_BACK);
    SpoolFile file = begin(blob);
    file.append(ByteBuffer.wrap(blob));
    assertThat(file.available()).isZero();
    file.seal();
    assertThat(file.available()).isEqualTo(blob.length);
    file.release();
  }

  @Test
  void blobOfUnknownSizeGivesNothingBeforeItIsVerified() throws IOException {
    byte[] blob = bytes(500_000);
    SpoolFile file =
        files.spool().begin(Digest.ofBytes(Algorithm.SHA256, blob), SpoolFile.UNKNOWN_SIZE);
    file.append(ByteBuffer.wrap(blob));
    assertThat(file.available()).isZero();
    file.seal();
    assertThat(file.available()).isEqualTo(500_000);
    file.release();
  }

  @Test
  void wrongBytesAreNeverSealed() throws IOException {
    byte[] blob = bytes(200_000);
    SpoolFile file = begin(blob);
    byte[] wrong = blob.clone();
    wrong[199_999] ^= 1;
    file.append(ByteBuffer.wrap(wrong));
    assertThatThrownBy(file::seal)
        .isInstanceOf(CorruptBlobException.class)
        .hasMessageContaining(Digest.ofBytes(Algorithm.SHA256, wrong).toString());
    assertThat(file.available()).isEqualTo(200_000 - SpoolFile.HOLD_BACK);
    assertThatThrownBy(() -> store.commit(file)).isInstanceOf(IllegalStateException.class);
    file.release();
  }

  @Test
  void tooFewBytesAreNeverSealed() throws IOException {
    byte[] blob = bytes(200_000);
    SpoolFile file = begin(blob);
    file.append(ByteBuffer.wrap(blob, 0, 199_999));
    assertThatThrownBy(file::seal).isInstanceOf(CorruptBlobException.class);
    file.release();
  }

  @Test
  void moreBytesThanAnnouncedAreRefused() throws IOException {
    byte[] blob = bytes(10);
    SpoolFile file = files.spool().begin(Digest.ofBytes(Algorithm.SHA256, blob), 9);
    assertThatThrownBy(() -> file.append(ByteBuffer.wrap(blob)))
        .isInstanceOf(CorruptBlobException.class);
    file.release();
  }

  @Test
  void readerKeepsItsBytesAfterTheFillIsDiscarded() throws IOException {
    byte[] blob = bytes(300_000);
    SpoolFile file = begin(blob);
    file.append(ByteBuffer.wrap(blob));
    BlobSource reader = Objects.requireNonNull(file.join(0));
    files.spool().discard(file);
    file.release();
    assertThat(readFully(reader, 0, 100_000)).isEqualTo(Arrays.copyOf(blob, 100_000));
    reader.release();
    assertThat(file.join(0)).isNull();
    assertThat(root.resolve("spool")).isEmptyDirectory();
  }

  @Test
  void fillThatWouldEatTheReserveIsServedButNotKept() throws IOException {
    files.close();
    files = TestStore.open(root, Long.MAX_VALUE / 2, true);
    store = files.store();
    byte[] blob = bytes(Tail.CAPACITY / 2);
    SpoolFile file = begin(blob);
    assertThat(files.spool().trouble())
        .hasValueSatisfying(why -> assertThat(why).contains("no room"));
    BlobSource reader = Objects.requireNonNull(file.join(0));
    file.append(ByteBuffer.wrap(blob));
    file.seal();
    assertThat(readFully(reader, 0, blob.length)).isEqualTo(blob);
    assertThat(file.canBeKept()).isFalse();
    assertThatThrownBy(() -> store.commit(file)).hasMessageContaining("did not take");
    reader.release();
    file.release();
    assertThat(root.resolve("spool")).isEmptyDirectory();
  }

  @Test
  void blobThatCannotBeKeptMovesWithItsReadersInBoundedMemory() throws Exception {
    files.close();
    files = TestStore.open(root, Long.MAX_VALUE / 2, true);
    store = files.store();
    byte[] blob = bytes(5 * Tail.CAPACITY + 17);
    SpoolFile file = begin(blob);
    BlobSource reader = Objects.requireNonNull(file.join(0));
    CompletableFuture<byte[]> read = Background.supply(() -> readAlong(reader, blob.length));
    for (int at = 0; at < blob.length; at += 50_000) {
      file.append(ByteBuffer.wrap(blob, at, Math.min(50_000, blob.length - at)));
    }
    file.seal();
    assertThat(read.get(60, TimeUnit.SECONDS)).isEqualTo(blob);
    assertThat(file.join(0)).as("the beginning is gone").isNull();
    reader.release();
    file.release();
  }

  @Test
  void spaceIsPromisedOnceOnly() throws IOException {
    long usable = Files.getFileStore(root).getUsableSpace();
    Digest digest = Digest.ofBytes(Algorithm.SHA256, "x".getBytes(US_ASCII));
    SpoolFile first = files.spool().begin(digest, usable / 2 + (usable / 10));
    SpoolFile second = files.spool().begin(digest, usable / 2);
    assertThat(second.canBeKept()).isFalse();
    first.release();
    SpoolFile third = files.spool().begin(digest, usable / 2);
    assertThat(third.canBeKept()).isTrue();
    second.release();
    third.release();
  }

  @Test
  void troubleIsOverWhenABlobIsCommitted() throws IOException {
    long usable = Files.getFileStore(root).getUsableSpace();
    byte[] blob = bytes(10);
    files.spool().begin(Digest.ofBytes(Algorithm.SHA256, blob), 2 * usable).release();
    assertThat(files.spool().trouble()).isPresent();
    SpoolFile file = begin(blob);
    assertThat(files.spool().trouble()).isPresent();
    file.append(ByteBuffer.wrap(blob));
    file.seal();
    store.commit(file);
    file.release();
    assertThat(files.spool().trouble()).isEmpty();
  }

  @Test
  void refusedCommitIsTroubleAndLeavesTheSpoolFile() throws IOException {
    byte[] blob = bytes(100);
    Files.createFile(root.resolve("blobs/sha256"));
    SpoolFile file = begin(blob);
    file.append(ByteBuffer.wrap(blob));
    file.seal();
    assertThatThrownBy(() -> store.commit(file)).isInstanceOf(IOException.class);
    assertThat(files.spool().trouble())
        .hasValueSatisfying(why -> assertThat(why).contains("sha256"));
    assertThat(root.resolve("spool")).isNotEmptyDirectory();
    file.release();
  }

  @Property(tries = 50)
  void chunksOfAnySizeGiveTheSameBlob(
      @ForAll @IntRange(max = 300_000) int size, @ForAll @IntRange(min = 1, max = 70_000) int chunk)
      throws IOException {
    byte[] blob = bytes(size);
    SpoolFile file = begin(blob);
    for (int at = 0; at < size; at += chunk) {
      file.append(ByteBuffer.wrap(blob, at, Math.min(chunk, size - at)));
      assertThat(file.available()).isLessThanOrEqualTo(Math.max(0, size - SpoolFile.HOLD_BACK));
    }
    file.seal();
    StoredBlob stored = store.commit(file);
    file.release();
    assertThat(Files.readAllBytes(stored.localFile().orElseThrow())).isEqualTo(blob);
  }

  private SpoolFile begin(byte[] blob) {
    return files.spool().begin(Digest.ofBytes(Algorithm.SHA256, blob), blob.length);
  }

  private static byte[] readFully(BlobSource source, long from, int length) throws IOException {
    ByteBuffer read = ByteBuffer.allocate(length);
    while (read.hasRemaining()) {
      source.read(read, from + read.position());
    }
    return read.array();
  }

  private static byte[] readAlong(BlobSource source, int length) {
    ByteBuffer read = ByteBuffer.allocate(length);
    try {
      while (read.hasRemaining()) {
        if (source.available() > read.position()) {
          source.read(read, read.position());
        } else {
          Thread.onSpinWait();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return read.array();
  }

  private static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }
}
