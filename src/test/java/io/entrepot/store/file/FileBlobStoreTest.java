package io.entrepot.store.file;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.oci.Digest;
import io.entrepot.oci.Digest.Algorithm;
import io.entrepot.spool.CorruptBlobException;
import io.entrepot.spool.Spool;
import io.entrepot.spool.StorageQuota;
import io.entrepot.store.BlobStore;
import io.entrepot.store.BlobStoreContract;
import io.entrepot.store.ReadPace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FileBlobStoreTest extends BlobStoreContract {
  @TempDir Path root;
  private TestStore files;

  @BeforeEach
  void open() throws IOException {
    files = TestStore.open(root);
  }

  @AfterEach
  void close() throws IOException {
    files.close();
  }

  @Override
  protected BlobStore store() {
    return files.store();
  }

  @Override
  protected Spool spool() {
    return files.spool();
  }

  @Override
  protected void damage(Digest digest, byte[] bytes) throws IOException {
    Files.write(file(digest), bytes);
  }

  private Path file(Digest digest) throws IOException {
    return store().find(digest).orElseThrow().localFile().orElseThrow();
  }

  @ParameterizedTest
  @EnumSource
  void putLeavesNothingInTheSpool(Algorithm algorithm) throws IOException {
    Digest digest = Digest.ofBytes(algorithm, BLOB);
    assertThat(store().put(digest, BLOB).localFile().orElseThrow()).hasBinaryContent(BLOB);
    assertThat(root.resolve("spool")).isEmptyDirectory();
  }

  @Test
  void wrongBytesLeaveNothingInTheSpool() {
    assertThatThrownBy(() -> store().put(DIGEST, "bads!".getBytes(UTF_8)))
        .isInstanceOf(CorruptBlobException.class);
    assertThat(root.resolve("spool")).isEmptyDirectory();
  }

  @Test
  void blobsSurviveAReopenAndLeftoversDoNot() throws IOException {
    Object unused = store().put(DIGEST, BLOB);
    files.close();
    for (int i = 0; i < 1000; i++) {
      Files.writeString(root.resolve("spool/left." + i), "half");
    }
    files = TestStore.open(root);
    assertThat(root.resolve("spool")).isEmptyDirectory();
    assertThat(store().find(DIGEST)).isPresent();
  }

  @Test
  void soundBlobIsReadOnceAndNotQuarantined() throws Exception {
    Object unused = store().put(DIGEST, BLOB);
    List<Long> read = new ArrayList<>();
    assertThat(store().verify(DIGEST, read::add)).isTrue();
    assertThat(read).containsExactly((long) BLOB.length);
    assertThat(root.resolve("quarantine")).doesNotExist();
  }

  @Test
  void rottenBlobIsQuarantined() throws Exception {
    Object unused = store().put(DIGEST, BLOB);
    Files.writeString(file(DIGEST), "bads!");
    assertThat(store().verify(DIGEST, ReadPace.FULL)).isFalse();
    assertThat(store().find(DIGEST)).isEmpty();
    assertThat(root.resolve("quarantine/sha256-" + DIGEST.hex())).hasContent("bads!");
  }

  /** A folder can be opened and not read, as a file on a disk that fails (F5). */
  @Test
  void blobThatTheDiskCannotReadIsQuarantined() throws Exception {
    Object unused = store().put(DIGEST, BLOB);
    Path file = file(DIGEST);
    Files.delete(file);
    Files.createDirectory(file);
    assertThat(store().verify(DIGEST, ReadPace.FULL)).isFalse();
    assertThat(store().find(DIGEST)).isEmpty();
  }

  @Test
  void onlyTheLastFewDamagedBlobsAreKept() throws Exception {
    for (int i = 0; i < 10; i++) {
      byte[] blob = ("blob " + i).getBytes(UTF_8);
      Digest digest = Digest.ofBytes(Algorithm.SHA256, blob);
      Object unused = store().put(digest, blob);
      Files.writeString(file(digest), "bads!");
      assertThat(store().verify(digest, ReadPace.FULL)).isFalse();
    }
    try (Stream<Path> kept = Files.list(root.resolve("quarantine"))) {
      assertThat(kept).hasSize(4);
    }
  }

  @Test
  void whatIsNotABlobIsNotListed() throws IOException {
    Digest digest = putFifty().get(0);
    Path blobs = root.resolve("blobs/sha256");
    Path folder = blobs.resolve(digest.hex().substring(0, 2));
    Files.writeString(folder.resolve(".nfs0001"), "");
    Files.writeString(folder.resolve("ff".repeat(32)), "in a folder that is not its own");
    Files.writeString(blobs.resolve("00"), "no folder");
    Files.createDirectories(blobs.resolve("lost+found"));

    assertThat(listed()).hasSize(50);
  }

  /** F28 */
  @ParameterizedTest
  @ValueSource(strings = {"blobs", "blobs/sha256"})
  void folderThatIsRemovedTakesNothingOfTheQuota(String name) throws IOException {
    files.close();
    files = TestStore.open(root, 0, true, new StorageQuota(1 << 20, 90));
    for (int i = 0; i < 5; i++) {
      putNumbered(i);
    }
    long five = 5 * (BLOB.length + 1L);
    assertThat(files.space().stored()).isEqualTo(five);
    store().forgetRemoved();
    assertThat(files.space().stored()).as("nothing is removed yet").isEqualTo(five);

    FileUtils.deleteDirectory(root.resolve(name).toFile());
    putNumbered(3);
    store().forgetRemoved();
    store().forgetRemoved();

    assertThat(files.space().stored()).isEqualTo(BLOB.length + 1L);
    assertThat(store().removeUnless(numbered(3), () -> false)).isTrue();
    assertThat(files.space().stored()).isZero();
  }

  /** What was there at the start counts too, and a replaced or quarantined file once. */
  @Test
  void bytesOfAFolderAreThoseOfItsFiles() throws IOException, InterruptedException {
    putNumbered(1);
    files.close();
    files = TestStore.open(root, 0, true, new StorageQuota(1 << 20, 90));
    putNumbered(1);
    assertThat(files.space().stored()).isEqualTo(BLOB.length + 1L);
    damage(numbered(1), new byte[BLOB.length + 1]);
    assertThat(store().verify(numbered(1), ReadPace.FULL)).isFalse();
    assertThat(files.space().stored()).as("in quarantine").isEqualTo(BLOB.length + 1L);
    FileUtils.deleteDirectory(root.resolve("blobs").toFile());
    store().forgetRemoved();
    assertThat(files.space().stored()).as("in quarantine").isEqualTo(BLOB.length + 1L);
  }

  private static byte[] bytes(int number) {
    byte[] bytes = Arrays.copyOf(BLOB, BLOB.length + 1);
    bytes[BLOB.length] = (byte) number;
    return bytes;
  }

  private static Digest numbered(int number) {
    return Digest.ofBytes(Algorithm.SHA256, bytes(number));
  }

  private void putNumbered(int number) throws IOException {
    Object unused = store().put(numbered(number), bytes(number));
  }
}
