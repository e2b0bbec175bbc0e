package io.entrepot.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderTest {
  @TempDir Path root;

  @Test
  void secondInstanceOnTheSameFolderIsRefused() throws IOException {
    try (DataFolder first = DataFolder.open(root)) {
      assertThat(first.path("spool")).isEqualTo(root.resolve("spool"));
      assertThatThrownBy(() -> DataFolder.open(root))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("another Entrepot");
    }
  }

  @Test
  void closedFolderMayBeOpenedAgain() throws IOException {
    DataFolder.open(root).close();
    DataFolder.open(root).close();
  }

  @Test
  void foldersThatCannotBeMadeAreNamed() throws IOException {
    Path file = Files.writeString(root.resolve("file"), "");
    assertThatThrownBy(() -> DataFolder.open(file.resolve("below")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("file");
  }
}
