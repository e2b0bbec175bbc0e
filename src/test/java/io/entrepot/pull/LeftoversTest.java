package io.entrepot.pull;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that a crash has left in the spool (F7). */
class LeftoversTest {
  @TempDir Path folder;

  @Test
  void thousandLeftoversAreGoneBeforeAnythingIsServed() throws Exception {
    try (BlobBench bench = new BlobBench(folder)) {
      bench.restart(
          builder -> {
            plant(bench);
            return builder;
          });
      assertThat(bench.files("spool")).isEmpty();
      bench.assertWhole(bench.get());
      bench.awaitIdle();
      assertThat(bench.files("spool")).isEmpty();
    }
  }

  /**
   * Makes a file of each kind: without a name, resumable without a checkpoint, and checkpoints
   * without a file.
   */
  private void plant(BlobBench bench) {
    Path spool = folder.resolve("data/spool");
    try {
      Files.createDirectories(spool);
      for (int i = 0; i < 250; i++) {
        String hex = "%064x".formatted(i);
        Files.write(spool.resolve(hex.substring(48) + "." + i), bench.bytes);
        Files.write(spool.resolve("sha256-" + hex + ".part"), new byte[i]);
        Files.writeString(spool.resolve("sha256-f" + hex.substring(1) + ".part.mark"), "9 5 x");
        Files.writeString(spool.resolve("sha256-" + hex + ".part.mark.new"), "");
      }
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
