package io.entrepot.store.file;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.oci.Digest;
import io.entrepot.oci.Digest.Algorithm;
import io.entrepot.spool.BlobSource;
import io.entrepot.spool.CorruptBlobException;
import io.entrepot.spool.ReadPace;
import io.entrepot.store.StoredBlob;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FileBlobStoreTest {
  private static final byte[] BLOB = "goods".getBytes(UTF_8);

  @TempDir Path root;
  private FileBlobStore store;

  @BeforeEach
  void open() throws IOException {
    store = FileBlobStore.open(root, 0, true, Runnable::run);
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  @ParameterizedTest
  @EnumSource
  void committedBlobIsFoundByItsDigest(Algorithm algorithm) throws IOException {
    Digest digest = Digest.ofBytes(algorithm, BLOB);
    assertThat(store.find(digest)).isEmpty();
    store.put(digest, BLOB);
    StoredBlob found = store.find(digest).orElseThrow();
    assertThat(found.size()).isEqualTo(BLOB.length);
    assertThat(found.readSound()).isEqualTo(BLOB);
    assertThat(root.resolve("spool")).isEmptyDirectory();
  }

  @Test
  void wrongBytesAreNotPut() {
    Digest digest = Digest.ofBytes(Algorithm.SHA256, BLOB);
    assertThatThrownBy(() -> store.put(digest, "bads!".getBytes(UTF_8)))
        .isInstanceOf(CorruptBlobException.class);
    assertThat(root.resolve("spool")).isEmptyDirectory();
  }

  @Test
  void blobsSurviveAReopenAndLeftoversDoNot() throws IOException {
    Digest digest = Digest.ofBytes(Algorithm.SHA256, BLOB);
    store.put(digest, BLOB);
    store.close();
    for (int i = 0; i < 1000; i++) {
      Files.writeString(root.resolve("spool/left." + i), "half");
    }
    store = FileBlobStore.open(root, 0, true, Runnable::run);
    assertThat(root.resolve("spool")).isEmptyDirectory();
    assertThat(store.find(digest)).isPresent();
  }

  @Test
  void secondInstanceOnTheSameFolderIsRefused() {
    assertThatThrownBy(() -> FileBlobStore.open(root, 0, true, Runnable::run))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("another Entrepot");
  }

  @Test
  void removedBlobIsGoneFromDiskButItsReaderKeepsIt() throws IOException {
    Digest digest = Digest.ofBytes(Algorithm.SHA256, BLOB);
    BlobSource open = store.put(digest, BLOB).open();
    assertThat(store.removeUnless(digest, () -> false)).isTrue();
    assertThat(store.find(digest)).isEmpty();
    ByteBuffer read = ByteBuffer.allocate(BLOB.length);
    assertThat(open.read(read, 0)).isEqualTo(BLOB.length);
    assertThat(read.array()).isEqualTo(BLOB);
    open.release();
  }

  @Test
  void blobThatIsNeededAfterAllStays() throws IOException {
    Digest digest = Digest.ofBytes(Algorithm.SHA256, BLOB);
    store.put(digest, BLOB);
    assertThat(store.removeUnless(digest, () -> true)).isFalse();
    assertThat(store.find(digest)).isPresent();
  }

  @Test
  void removingWhatIsNotThereSucceeds() throws IOException {
    assertThat(store.removeUnless(Digest.ofBytes(Algorithm.SHA256, BLOB), () -> false)).isTrue();
  }

  @Test
  void soundBlobIsVerifiedAndStays() throws Exception {
    Digest digest = Digest.ofBytes(Algorithm.SHA256, BLOB);
    store.put(digest, BLOB);
    List<Long> read = new ArrayList<>();
    assertThat(store.verify(digest, read::add)).isTrue();
    assertThat(read).containsExactly((long) BLOB.length);
    assertThat(store.find(digest)).isPresent();
    assertThat(root.resolve("quarantine")).doesNotExist();
  }

  @Test
  void rottenBlobIsQuarantined() throws Exception {
    Digest digest = Digest.ofBytes(Algorithm.SHA256, BLOB);
    Files.writeString(store.put(digest, BLOB).file(), "bads!");
    assertThat(store.verify(digest, ReadPace.FULL)).isFalse();
    assertThat(store.find(digest)).isEmpty();
    assertThat(root.resolve("quarantine/sha256-" + digest.hex())).hasContent("bads!");
  }

  @Test
  void blobThatIsReplacedWhileItsRottenFileIsReadStays() throws Exception {
    Digest digest = Digest.ofBytes(Algorithm.SHA256, BLOB);
    Files.writeString(store.put(digest, BLOB).file(), "bads!");
    assertThat(store.verify(digest, bytes -> putAgain(digest))).isFalse();
    assertThat(store.find(digest).orElseThrow().readSound()).isEqualTo(BLOB);
  }

  private void putAgain(Digest digest) {
    try {
      store.put(digest, BLOB);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A folder can be opened and not read, as a file on a disk that fails (F5). */
  @Test
  void blobThatTheDiskCannotReadIsQuarantined() throws Exception {
    Digest digest = Digest.ofBytes(Algorithm.SHA256, BLOB);
    Path file = store.put(digest, BLOB).file();
    Files.delete(file);
    Files.createDirectory(file);
    assertThat(store.verify(digest, ReadPace.FULL)).isFalse();
    assertThat(store.find(digest)).isEmpty();
  }

  @Test
  void onlyTheLastFewDamagedBlobsAreKept() throws Exception {
    for (int i = 0; i < 10; i++) {
      byte[] blob = ("blob " + i).getBytes(UTF_8);
      Digest digest = Digest.ofBytes(Algorithm.SHA256, blob);
      Files.writeString(store.put(digest, blob).file(), "bads!");
      assertThat(store.verify(digest, ReadPace.FULL)).isFalse();
    }
    try (Stream<Path> kept = Files.list(root.resolve("quarantine"))) {
      assertThat(kept).hasSize(4);
    }
  }

  @Test
  void allBlobsAreListedInTheOrderOfTheirDigests() throws IOException {
    List<Digest> put = putFifty();
    put.sort(Comparator.comparing(Digest::toString));
    assertThat(listed()).containsExactlyElementsOf(put);
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

  private List<Digest> listed() throws IOException {
    List<Digest> listed = new ArrayList<>();
    List<Digest> batch = store.digestsAfter(null);
    while (!batch.isEmpty()) {
      listed.addAll(batch);
      batch = store.digestsAfter(batch.get(batch.size() - 1));
    }
    return listed;
  }

  private List<Digest> putFifty() throws IOException {
    List<Digest> put = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      byte[] blob = ("blob " + i).getBytes(UTF_8);
      Digest digest = Digest.ofBytes(i % 2 == 0 ? Algorithm.SHA256 : Algorithm.SHA512, blob);
      store.put(digest, blob);
      put.add(digest);
    }
    return put;
  }

  @Test
  void foldersThatCannotBeMadeAreNamed() throws IOException {
    Path file = Files.writeString(root.resolve("file"), "");
    assertThatThrownBy(() -> FileBlobStore.open(file.resolve("below"), 0, true, Runnable::run))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("file");
  }
}
