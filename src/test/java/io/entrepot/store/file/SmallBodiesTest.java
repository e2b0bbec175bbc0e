package io.entrepot.store.file;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.memory.MemoryBudget;
import io.entrepot.memory.Share;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Digest.Algorithm;
import io.entrepot.spool.BlobSource;
import io.entrepot.store.BlobStore;
import io.entrepot.store.ReadPace;
import io.entrepot.store.StoredBlob;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the store answers from the heap, and what it must not. */
class SmallBodiesTest {
  private static final byte[] BLOB = "goods".getBytes(UTF_8);
  private static final Digest DIGEST = Digest.ofBytes(Algorithm.SHA256, BLOB);

  @TempDir Path root;
  private TestStore files;
  private BlobStore store;

  /** Of a small heap, so that few blobs fill their share. */
  private static final MemoryBudget MEMORY = new MemoryBudget(128L << 20);

  @BeforeEach
  void open() throws IOException {
    files = TestStore.open(root);
    store = new FileBlobStore(files.folder(), files.spool(), MEMORY);
  }

  @AfterEach
  void close() throws IOException {
    files.close();
  }

  private Optional<StoredBlob> find(Digest digest, byte[] bytes) throws IOException {
    return store.find(digest, bytes.length);
  }

  @Test
  void secondFindReadsNoFile() throws IOException {
    Path file = store.put(DIGEST, BLOB).localFile().orElseThrow();
    StoredBlob first = find(DIGEST, BLOB).orElseThrow();
    Files.delete(file);

    assertThat(find(DIGEST, BLOB)).containsSame(first);
    assertThat(first.readSound()).isEqualTo(BLOB);
  }

  @Test
  void absenceIsLookedForAgain() throws IOException {
    assertThat(find(DIGEST, BLOB)).isEmpty();

    store.put(DIGEST, BLOB);

    assertThat(find(DIGEST, BLOB)).isPresent();
  }

  @Test
  void partOfAHeldBodyIsRead() throws IOException {
    store.put(DIGEST, BLOB);
    BlobSource source = find(DIGEST, BLOB).orElseThrow().open();
    ByteBuffer part = ByteBuffer.allocate(3);

    assertThat(source.available()).isEqualTo(BLOB.length);
    assertThat(source.read(part, 2)).isEqualTo(3);
    assertThat(part.array()).isEqualTo("ods".getBytes(UTF_8));
    assertThat(source.read(ByteBuffer.allocate(3), 4)).isEqualTo(1);
  }

  @Test
  void removedBlobIsGoneFromTheHeap() throws IOException {
    store.put(DIGEST, BLOB);
    find(DIGEST, BLOB);

    assertThat(store.removeUnless(DIGEST, () -> false)).isTrue();

    assertThat(find(DIGEST, BLOB)).isEmpty();
  }

  @Test
  void blobThatIsNeededStaysOnTheHeap() throws IOException {
    Path file = store.put(DIGEST, BLOB).localFile().orElseThrow();
    find(DIGEST, BLOB);

    assertThat(store.removeUnless(DIGEST, () -> true)).isFalse();

    Files.delete(file);
    assertThat(find(DIGEST, BLOB)).isPresent();
  }

  @Test
  void quarantinedBlobIsGoneFromTheHeap() throws Exception {
    Path file = store.put(DIGEST, BLOB).localFile().orElseThrow();
    find(DIGEST, BLOB);
    Files.writeString(file, "bads!");

    assertThat(store.verify(DIGEST, ReadPace.FULL)).isFalse();

    assertThat(find(DIGEST, BLOB)).isEmpty();
  }

  @Test
  void rottenFileCountsAsAbsentUntilItIsReplaced() throws IOException {
    Path file = store.put(DIGEST, BLOB).localFile().orElseThrow();
    Files.writeString(file, "bads!");

    assertThat(find(DIGEST, BLOB)).isEmpty();

    store.put(DIGEST, BLOB);
    assertThat(find(DIGEST, BLOB).orElseThrow().readSound()).isEqualTo(BLOB);
  }

  @Test
  void fileOfAnotherSizeCountsAsAbsent() throws IOException {
    Path file = store.put(DIGEST, BLOB).localFile().orElseThrow();
    Files.writeString(file, "good");

    assertThat(find(DIGEST, BLOB)).isEmpty();
  }

  @Test
  void largeBlobStaysInItsFile() throws IOException {
    byte[] large = new byte[SmallBodies.MAX_BODY + 1];
    Digest digest = Digest.ofBytes(Algorithm.SHA256, large);
    store.put(digest, large);

    StoredBlob found = find(digest, large).orElseThrow();

    assertThat(found).isInstanceOf(BlobFile.class);
    assertThat(found.readSound()).isEqualTo(large);
  }

  @Test
  void moreThanFitsIsReadAgain() throws IOException {
    int size = SmallBodies.MAX_BODY - 8;
    long twiceWhatFits = 2 * MEMORY.bytes(Share.SMALL_BLOBS) / size;
    for (long i = 0; i < twiceWhatFits; i++) {
      byte[] body = ByteBuffer.allocate(size).putLong(i).array();
      Digest digest = Digest.ofBytes(Algorithm.SHA256, body);
      Path file = store.put(digest, body).localFile().orElseThrow();
      find(digest, body);
      Files.delete(file);
    }

    long held = 0;
    for (long i = 0; i < twiceWhatFits; i++) {
      byte[] body = ByteBuffer.allocate(size).putLong(i).array();
      held += find(Digest.ofBytes(Algorithm.SHA256, body), body).isPresent() ? 1 : 0;
    }
    assertThat(held).isBetween(1L, twiceWhatFits / 2);
  }
}
