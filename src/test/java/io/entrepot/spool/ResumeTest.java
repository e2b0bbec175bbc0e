package io.entrepot.spool;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Digest;
import io.entrepot.oci.Digest.Algorithm;
import io.entrepot.store.BlobStore;
import io.entrepot.store.StoredBlob;
import io.entrepot.store.file.TestStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fills that a stop has broken (F22). */
class ResumeTest {
  private static final int SIZE = (int) Checkpoints.EVERY + 5_000_000;
  private static final int CHUNK = 1 << 20;
  private static final byte[] BLOB = random();
  private static final Digest DIGEST = Digest.ofBytes(Algorithm.SHA256, BLOB);
  private static final FillKey KEY = new FillKey("ghcr.io", DIGEST);
  private static final FillKey OTHER = new FillKey("quay.io", DIGEST);

  @TempDir Path root;
  private TestStore files;
  private BlobStore store;

  @BeforeEach
  void open() throws IOException {
    files = TestStore.open(root);
    store = files.store();
  }

  @AfterEach
  void close() throws IOException {
    files.close();
  }

  @Test
  void brokenFillGoesOnAtItsCheckpointAfterARestart() throws IOException {
    fillUpTo(SIZE - 1000);
    restart(true);
    SpoolFile file = files.spool().resume(KEY).orElseThrow();
    assertThat(file.written()).isEqualTo(Checkpoints.EVERY);
    assertThat(file.size()).isEqualTo(SIZE);
    assertThat(file.available()).isEqualTo(Checkpoints.EVERY);
    append(file, (int) file.written(), SIZE);
    file.seal();
    StoredBlob stored = store.commit(file);
    file.release();
    assertThat(stored.readSound()).isEqualTo(BLOB);
    assertThat(root.resolve("spool")).isEmptyDirectory();
  }

  /** Of 69 MB all but the fifth mebibyte is there. */
  @Test
  void whatWasAheadOfTheHashIsThereAfterARestart() throws IOException {
    fillAllBut(4, 5);
    restart(true);
    SpoolFile file = files.spool().resume(KEY).orElseThrow();
    assertThat(file.hashed()).isEqualTo(4 * CHUNK);
    assertThat(file.here()).hasToString("0-4194303 5242880-" + (68 * CHUNK - 1));

    assertThat(file.write(ByteBuffer.wrap(BLOB, 4 * CHUNK, CHUNK), 4 * CHUNK)).isTrue();
    append(file, 68 * CHUNK, SIZE);
    file.seal();
    StoredBlob stored = store.commit(file);
    file.release();
    assertThat(stored.readSound()).isEqualTo(BLOB);
    assertThat(root.resolve("spool")).isEmptyDirectory();
    assertThat(files.space().stored()).isEqualTo(SIZE);
    assertThat(files.space().promised()).isZero();
  }

  /** Three segments, and nothing before them. */
  @Test
  void fillGoesOnWhereNotEvenItsFirstByteIsThere() throws IOException {
    fillAllBut(0, 1);
    restart(true);
    SpoolFile file = files.spool().resume(KEY).orElseThrow();
    assertThat(file.here()).hasToString("1048576-" + (68 * CHUNK - 1));
    assertThat(file.available()).isZero();
    files.spool().discard(file);
    file.release();
    assertThat(files.space().stored()).isZero();
  }

  @Test
  void stretchThatHasRottedIsFetchedAgain() throws IOException {
    fillAllBut(4, 5);
    flip(30 * CHUNK);
    restart(true);
    SpoolFile file = files.spool().resume(KEY).orElseThrow();
    assertThat(file.here()).hasToString("0-4194303");
    file.release();
  }

  /** Fills in two stretches, up to a last mebibyte that the checkpoint does not know. */
  private void fillAllBut(int from, int end) throws IOException {
    SpoolFile file = files.spool().begin(KEY, SIZE);
    for (int chunk = 0; chunk * CHUNK < SIZE - CHUNK; chunk++) {
      if (chunk < from || chunk >= end) {
        assertThat(file.write(ByteBuffer.wrap(BLOB, chunk * CHUNK, CHUNK), chunk * (long) CHUNK))
            .isTrue();
      }
    }
    files.spool().leaveOff(file);
    file.release();
  }

  @Test
  void fillWithoutACheckpointBeginsAfresh() throws IOException {
    fillUpTo(CHUNK);
    restart(true);
    assertThat(files.spool().resume(KEY)).isEmpty();
    assertThat(root.resolve("spool")).isEmptyDirectory();
  }

  @Test
  void prefixThatHasRottedIsNotTrusted() throws IOException {
    fillUpTo(SIZE - 1000);
    flip(12_345);
    restart(true);
    assertThat(files.spool().resume(KEY)).isEmpty();
    assertThat(root.resolve("spool")).isEmptyDirectory();
  }

  @Test
  void damagedMarkVouchesForNothing() throws IOException {
    fillUpTo(SIZE - 1000);
    Files.writeString(root.resolve("spool").resolve(part().getFileName() + ".mark"), "1 2");
    restart(true);
    assertThat(files.spool().resume(KEY)).isEmpty();
  }

  @Test
  void nothingIsKeptWhereThatIsSwitchedOff() throws IOException {
    fillUpTo(SIZE - 1000);
    restart(false);
    assertThat(root.resolve("spool")).isEmptyDirectory();
    assertThat(files.spool().resume(KEY)).isEmpty();
  }

  @Test
  void oldUnfinishedFillIsSwept() throws IOException {
    fillUpTo(SIZE - 1000);
    Files.setLastModifiedTime(part(), FileTime.from(Instant.now().minus(Duration.ofDays(2))));
    restart(true);
    assertThat(root.resolve("spool")).isEmptyDirectory();
  }

  @Test
  void oldUnfinishedFillIsSweptWhileOthersGoOn() throws IOException {
    fillUpTo(SIZE - 1000);
    files.spool().sweepBroken();
    assertThat(part()).exists();

    FileTime longAgo = FileTime.from(Instant.now().minus(Duration.ofDays(2)));
    Files.setLastModifiedTime(part(), longAgo);
    SpoolFile underWay = files.spool().resume(KEY).orElseThrow();
    Files.setLastModifiedTime(part(), longAgo);
    files.spool().sweepBroken();
    assertThat(part()).exists();

    files.spool().leave(underWay);
    underWay.release();
    Files.setLastModifiedTime(part(), longAgo);
    files.spool().sweepBroken();
    assertThat(root.resolve("spool")).isEmptyDirectory();
    assertThat(files.spool().resume(KEY)).isEmpty();
  }

  @Test
  void oldMarkWithoutItsPartIsSwept() throws IOException {
    fillUpTo(SIZE - 1000);
    Files.delete(part());
    Path mark = root.resolve("spool").resolve(part().getFileName() + ".mark");
    Files.setLastModifiedTime(mark, FileTime.from(Instant.now().minus(Duration.ofDays(2))));
    files.spool().sweepBroken();
    assertThat(root.resolve("spool")).isEmptyDirectory();
  }

  @Test
  void fillThatIsUnderWayIsNotTakenUpTwice() throws IOException {
    SpoolFile first = files.spool().begin(KEY, SIZE);
    append(first, 0, SIZE - 1000);
    Optional<SpoolFile> second = files.spool().resume(KEY);
    assertThat(second).isEmpty();
    SpoolFile apart = files.spool().begin(KEY, SIZE);
    append(apart, 0, 1000);
    append(first, SIZE - 1000, SIZE);
    first.seal();
    store.commit(first);
    first.release();
    files.spool().discard(apart);
    apart.release();
    assertThat(store.find(DIGEST).orElseThrow().readSound()).isEqualTo(BLOB);
  }

  /** A checkpoint belongs to the upstream that has sent its bytes (S29). */
  @Test
  void fillOfAnotherUpstreamDoesNotGoOnWithIt() throws IOException {
    fillUpTo(SIZE - 1000);
    restart(true);
    assertThat(files.spool().resume(OTHER)).isEmpty();

    SpoolFile other = files.spool().begin(OTHER, SIZE);
    SpoolFile own = files.spool().resume(KEY).orElseThrow();
    assertThat(other.path()).isNotEqualTo(own.path());
    append(other, 0, SIZE);
    other.seal();
    store.commit(other);
    other.release();
    append(own, (int) own.written(), SIZE);
    own.seal();
    store.commit(own);
    own.release();
    assertThat(store.find(DIGEST).orElseThrow().readSound()).isEqualTo(BLOB);
    assertThat(root.resolve("spool")).isEmptyDirectory();
  }

  /** Nobody knows which upstream has sent the bytes that an older version has left. */
  @Test
  void unfinishedFillOfAnOlderVersionIsSwept() throws IOException {
    fillUpTo(SIZE - 1000);
    Path older = root.resolve("spool/sha256-" + DIGEST.hex() + ".part");
    Files.move(part(), older);
    Files.move(Leftovers.markOf(part()), Leftovers.markOf(older));
    restart(true);
    assertThat(root.resolve("spool")).isEmptyDirectory();
    assertThat(files.spool().resume(KEY)).isEmpty();
  }

  @Test
  void markThatCannotBeDeletedDoesNotUndoACommit() throws IOException {
    SpoolFile file = files.spool().begin(KEY, SIZE);
    append(file, 0, SIZE);
    file.seal();
    Path mark = root.resolve("spool").resolve(part().getFileName() + ".mark");
    Files.delete(mark);
    Files.createDirectories(mark.resolve("in the way"));
    StoredBlob stored = store.commit(file);
    file.release();
    assertThat(stored.readSound()).isEqualTo(BLOB);
    assertThat(files.spool().trouble()).isEmpty();
  }

  private void fillUpTo(int end) throws IOException {
    SpoolFile file = files.spool().begin(KEY, SIZE);
    append(file, 0, end);
    files.spool().leave(file);
    file.release();
  }

  private static void append(SpoolFile file, int from, int end) throws IOException {
    for (int at = from; at < end; at += CHUNK) {
      file.append(ByteBuffer.wrap(BLOB, at, Math.min(CHUNK, end - at)));
    }
  }

  private void flip(int at) throws IOException {
    try (var channel = Files.newByteChannel(part(), StandardOpenOption.WRITE)) {
      channel.position(at).write(ByteBuffer.wrap(new byte[] {(byte) ~BLOB[at]}));
    }
  }

  private void restart(boolean resumable) throws IOException {
    files.close();
    files = TestStore.open(root, 0, resumable);
    store = files.store();
  }

  private Path part() {
    return new Leftovers(root.resolve("spool"), null).partOf(KEY);
  }

  private static byte[] random() {
    byte[] bytes = new byte[SIZE];
    new Random(5).nextBytes(bytes);
    return bytes;
  }
}
