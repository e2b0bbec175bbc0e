package io.entrepot.store.file;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.entrepot.oci.Digest;
import io.entrepot.oci.Digest.Algorithm;
import io.entrepot.store.BlobGoneException;
import io.entrepot.store.ReadPace;
import io.entrepot.store.StoredBlob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Stored blobs that the system does not open (F24). Root may open any mode, so others are used. */
class UnreadableBlobsTest {
  private static final byte[] SMALL = "goods".getBytes(UTF_8);
  private static final byte[] LARGE = new byte[SmallBodies.MAX_BODY + 1];

  /** A file of Linux that nobody may read, not even root. */
  private static final Path WRITE_ONLY = Path.of("/proc/sys/vm/drop_caches");

  @TempDir Path root;
  private TestStore files;
  private FileBlobStore store;

  @BeforeEach
  void open() throws IOException {
    files = TestStore.open(root);
    store = files.store();
  }

  @AfterEach
  void close() throws IOException {
    files.close();
  }

  /** What can stand in place of a blob's file. */
  enum Obstacle {
    FOLDER,
    LOOP,
    FOLDER_THAT_IS_A_FILE;

    void replace(Path file) throws IOException {
      Files.delete(file);
      switch (this) {
        case FOLDER -> Files.writeString(Files.createDirectory(file).resolve("x"), "x");
        case LOOP -> Files.createSymbolicLink(file, file);
        case FOLDER_THAT_IS_A_FILE -> {
          Files.delete(file.getParent());
          Files.createFile(file.getParent());
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Obstacle.class)
  void itCountsAsAbsentAndHealthSaysWhy(Obstacle obstacle) throws IOException {
    for (byte[] bytes : new byte[][] {SMALL, LARGE}) {
      Digest digest = put(bytes);
      assertThat(store.trouble()).isEmpty();

      obstacle.replace(file(digest));

      assertThat(store.find(digest)).isEmpty();
      assertThat(store.find(digest, bytes.length)).isEmpty();
      assertThat(store.trouble()).get().asString().contains("cannot be read", digest.hex());
      FileUtils.forceDelete(file(digest).getParent().toFile());
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Obstacle.class,
      names = {"FOLDER", "LOOP"})
  void itIsReplacedByTheNextCommit(Obstacle obstacle) throws IOException {
    Digest digest = put(LARGE);
    obstacle.replace(file(digest));
    assertThat(store.find(digest)).isEmpty();

    put(LARGE);

    assertThat(store.find(digest).orElseThrow().readSound()).isEqualTo(LARGE);
    assertThat(store.trouble()).isEmpty();
  }

  @Test
  void itIsFoundAgainAsSoonAsItCanBeRead() throws IOException {
    Digest digest = put(LARGE);
    Path kept = root.resolve("kept");
    Files.move(file(digest), kept);
    Files.createSymbolicLink(file(digest), file(digest));
    assertThat(store.find(digest, LARGE.length)).isEmpty();
    assertThat(store.trouble()).isPresent();

    Files.delete(file(digest));
    Files.move(kept, file(digest));

    assertThat(store.trouble()).isEmpty();
    assertThat(store.find(digest, LARGE.length).orElseThrow().readSound()).isEqualTo(LARGE);
  }

  /** It has been found already, so only the attempt to open it fails. */
  @Test
  void itIsGoneForWhoOpensIt() throws IOException {
    assumeTrue(Files.exists(WRITE_ONLY), "needs /proc/sys of Linux");
    Digest digest = put(LARGE);
    Files.delete(file(digest));
    Files.createSymbolicLink(file(digest), WRITE_ONLY);
    StoredBlob found = store.find(digest).orElseThrow();

    assertThatThrownBy(found::open).isInstanceOf(BlobGoneException.class);

    assertThat(store.find(digest)).isEmpty();
    assertThatThrownBy(found::readSound).isInstanceOf(BlobGoneException.class);
    assertThatThrownBy(() -> store.verify(digest, ReadPace.FULL))
        .isInstanceOf(BlobGoneException.class);
    assertThat(store.trouble()).get().asString().contains("AccessDenied");
  }

  @Test
  void evictedBlobIsForgotten() throws IOException {
    Digest digest = put(LARGE);
    Obstacle.LOOP.replace(file(digest));
    assertThat(store.find(digest)).isEmpty();

    assertThat(store.removeUnless(digest, () -> false)).isTrue();

    assertThat(store.trouble()).isEmpty();
  }

  @Test
  void heldBodyIsServedWhateverBecomesOfItsFile() throws IOException {
    Digest digest = put(SMALL);
    StoredBlob held = store.find(digest, SMALL.length).orElseThrow();

    Obstacle.LOOP.replace(file(digest));

    assertThat(store.find(digest, SMALL.length)).containsSame(held);
    assertThat(held.localFile()).isEmpty();
  }

  private Digest put(byte[] bytes) throws IOException {
    Digest digest = Digest.ofBytes(Algorithm.SHA256, bytes);
    StoredBlob unused = store.put(digest, bytes);
    return digest;
  }

  private Path file(Digest digest) {
    return root.resolve("blobs/sha256").resolve(digest.hex().substring(0, 2)).resolve(digest.hex());
  }
}
