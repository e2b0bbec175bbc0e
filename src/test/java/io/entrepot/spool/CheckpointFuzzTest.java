package io.entrepot.spool;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Any bytes in the mark of a checkpoint, as a crash or another program may leave them (F2). */
class CheckpointFuzzTest {
  private static Path folder;

  @BeforeAll
  static void create() throws IOException {
    folder = Files.createTempDirectory("checkpoint-fuzz");
  }

  @AfterAll
  static void delete() throws IOException {
    Files.deleteIfExists(folder.resolve("some.mark"));
    Files.deleteIfExists(folder);
  }

  @FuzzTest
  void marks(byte[] data) throws IOException {
    Path mark = folder.resolve("some.mark");
    Files.write(mark, data);
    Optional<Checkpoint> read = Checkpoint.read(mark);
    if (read.isPresent()) {
      assertThat(read.get().offset()).isBetween(0L, read.get().size() - 1);
      read.get().write(mark);
      assertThat(Checkpoint.read(mark)).isEqualTo(read);
    }
  }
}
