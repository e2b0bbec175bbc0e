package io.entrepot.store;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.oci.Digest;
import io.entrepot.oci.Digest.Algorithm;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
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
  private BlobStore store;

  @BeforeEach
  @BeforeProperty
  void openStore() throws IOException {
    root = Files.createTempDirectory("spool-test");
    store = BlobStore.open(root, 0);
  }

  @AfterEach
  @AfterProperty
  void closeStore() throws IOException {
    store.close();
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
        store.spool().begin(Digest.ofBytes(Algorithm.SHA256, blob), SpoolFile.UNKNOWN_SIZE);
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
    SpoolFile file = store.spool().begin(Digest.ofBytes(Algorithm.SHA256, blob), 9);
    assertThatThrownBy(() -> file.append(ByteBuffer.wrap(blob)))
        .isInstanceOf(CorruptBlobException.class);
    file.release();
  }

  @Test
  void readerKeepsItsBytesAfterTheFillIsDiscarded() throws IOException {
    byte[] blob = bytes(300_000);
    SpoolFile file = begin(blob);
    file.append(ByteBuffer.wrap(blob));
    assertThat(file.retain()).isTrue();
    store.spool().discard(file);
    file.release();
    ByteBuffer read = ByteBuffer.allocate(100_000);
    while (read.hasRemaining()) {
      file.read(read, read.position());
    }
    assertThat(read.array()).isEqualTo(Arrays.copyOf(blob, 100_000));
    file.release();
    assertThat(file.retain()).isFalse();
    assertThat(root.resolve("spool")).isEmptyDirectory();
  }

  @Test
  void fillThatWouldEatTheReserveIsRefused() throws IOException {
    store.close();
    store = BlobStore.open(root, Long.MAX_VALUE / 2);
    byte[] blob = bytes(1);
    assertThatThrownBy(() -> begin(blob))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no room");
  }

  @Test
  void spaceIsPromisedOnceOnly() throws IOException {
    long usable = Files.getFileStore(root).getUsableSpace();
    Digest digest = Digest.ofBytes(Algorithm.SHA256, "x".getBytes(US_ASCII));
    SpoolFile first = store.spool().begin(digest, usable / 2 + (usable / 10));
    assertThatThrownBy(() -> store.spool().begin(digest, usable / 2))
        .hasMessageContaining("no room");
    first.release();
    SpoolFile second = store.spool().begin(digest, usable / 2);
    second.release();
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
    assertThat(Files.readAllBytes(stored.file())).isEqualTo(blob);
  }

  private SpoolFile begin(byte[] blob) throws IOException {
    return store.spool().begin(Digest.ofBytes(Algorithm.SHA256, blob), blob.length);
  }

  private static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }
}
