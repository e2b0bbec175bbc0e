package io.entrepot.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.oci.Digest;
import io.entrepot.oci.Digest.Algorithm;
import io.entrepot.store.BlobStore;
import io.entrepot.store.file.TestStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk whose fsync fails at a checkpoint (F4): it may have lost any of what it was given. */
class UnsyncedTest {
  private static final int SIZE = (int) Checkpoints.EVERY + 300_000;
  private static final int CHUNK = 100_000;

  @TempDir Path root;
  private final byte[] blob = new byte[SIZE];
  private final List<String> refused = new ArrayList<>();
  private final Deque<Runnable> syncs = new ArrayDeque<>();
  private Executor disk = Runnable::run;
  private TestStore files;
  private BlobStore store;
  private SpoolFile file;
  private BlobSource reader;
  private final ByteBuffer read = ByteBuffer.allocate(SIZE);

  @BeforeEach
  void begin() throws IOException {
    new Random(7).nextBytes(blob);
    Digest digest = Digest.ofBytes(Algorithm.SHA256, blob);
    files = TestStore.open(root);
    store = files.store();
    Path part = root.resolve("spool/one.part");
    FileChannel channel =
        FileChannel.open(
            part, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
    file =
        new SpoolFile(
            new PartFile(
                part,
                new UnsyncedChannel(channel),
                null,
                new Checkpoints(part.resolveSibling("one.part.mark"), 0, s -> disk.execute(s)),
                why -> refused.add(String.valueOf(why.getMessage())),
                () -> {}),
            digest.verifier(),
            SIZE,
            0);
    reader = Objects.requireNonNull(file.join(0));
  }

  @AfterEach
  void close() throws IOException {
    reader.release();
    file.release();
    files.close();
  }

  @Test
  void blobIsServedButNotKept() throws IOException {
    appendAll();

    assertThat(read.array()).isEqualTo(blob);
    assertThat(refused).containsExactly("the disk did not take it");
    assertThat(file.canBeKept()).isFalse();
    assertThatThrownBy(() -> store.commit(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("did not take all");
  }

  @Test
  void nothingIsLeftToGoOnWith() throws IOException {
    appendAll();
    files.spool().leave(file);

    assertThat(root.resolve("spool")).isEmptyDirectory();
  }

  @Test
  void fillGoesOnWhileTheDiskSyncsAndHeedsItBeforeItCommits() throws IOException {
    disk = syncs::add;
    appendAll();
    assertThat(read.array()).isEqualTo(blob);
    assertThat(refused).isEmpty();
    assertThat(syncs).hasSize(1);

    syncs.remove().run();

    assertThatThrownBy(() -> store.commit(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("did not take all");
    assertThat(refused).containsExactly("the disk did not take it");
  }

  @Test
  void fillGoesOnWithoutCheckpointsWhereNobodySyncs() throws IOException {
    disk =
        sync -> {
          throw new RejectedExecutionException("the application stops");
        };
    appendAll();

    assertThat(file.canBeKept()).isTrue();
    assertThat(Files.exists(root.resolve("spool/one.part.mark"))).isFalse();
  }

  /** One stream alone can go through the window, so what is further ahead does not count. */
  @Test
  void stretchAheadIsForgottenWhenTheDiskFails() throws IOException {
    int checkpoint = (int) Checkpoints.EVERY;
    int ahead = checkpoint + 200_000;
    BlobSource further = Objects.requireNonNull(file.join(ahead));
    assertThat(file.write(ByteBuffer.wrap(blob, ahead, 1000), ahead)).isTrue();
    assertThat(further.read(ByteBuffer.allocate(100), ahead)).isEqualTo(100);

    file.append(ByteBuffer.wrap(blob, 0, checkpoint));

    assertThat(file.canBeKept()).isFalse();
    assertThat(file.here()).hasToString("0-" + (checkpoint - 1));
    assertThat(further.read(ByteBuffer.allocate(100), ahead + 100)).isZero();
    assertThat(file.write(ByteBuffer.wrap(blob, ahead + 1000, 1000), ahead + 1000)).isFalse();
    readWhatIsThere();
    file.append(ByteBuffer.wrap(blob, checkpoint, SIZE - checkpoint));
    file.seal();
    readWhatIsThere();
    assertThat(read.array()).isEqualTo(blob);
    ByteBuffer rest = ByteBuffer.allocate(900);
    while (rest.hasRemaining()) {
      further.read(rest, ahead + 100 + rest.position());
    }
    assertThat(rest.array()).isEqualTo(Arrays.copyOfRange(blob, ahead + 100, ahead + 1000));
    further.release();
  }

  private void appendAll() throws IOException {
    for (int at = 0; at < SIZE; at += CHUNK) {
      file.append(ByteBuffer.wrap(blob, at, Math.min(CHUNK, SIZE - at)));
      readWhatIsThere();
    }
    file.seal();
    readWhatIsThere();
  }

  private void readWhatIsThere() throws IOException {
    while (reader.available() > read.position()) {
      reader.read(read, read.position());
    }
  }

  @Test
  void failureIsSeenAtTheCheckpointAndNotBefore() throws IOException {
    int checkpoint = (int) Checkpoints.EVERY;
    file.append(ByteBuffer.wrap(blob, 0, checkpoint - 1));
    assertThat(file.canBeKept()).isTrue();
    file.append(ByteBuffer.wrap(blob, checkpoint - 1, 1));
    assertThat(file.canBeKept()).isFalse();
    assertThat(Files.exists(root.resolve("spool/one.part.mark"))).isFalse();
  }
}
