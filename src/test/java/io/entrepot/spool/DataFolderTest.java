package io.entrepot.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

  /** The folder has the bytes of private repositories. */
  @ParameterizedTest
  @ValueSource(strings = {"", "new"})
  void newAndEmptyFoldersAreClosedToOtherUsers(String name) throws IOException {
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path folder = root.resolve(name);
    DataFolder.open(folder).close();
    assertThat(mode(folder)).isEqualTo("rwx------");
  }

  @Test
  void modeOfFolderThatSomebodyElseMayUseIsLeftAlone() throws IOException {
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.writeString(root.resolve("notes"), "");
    DataFolder.open(root).close();
    assertThat(mode(root)).isEqualTo("rwxr-xr-x");
  }

  private static String mode(Path folder) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(folder));
  }

  @Test
  void foldersThatCannotBeMadeAreNamed() throws IOException {
    Path file = Files.writeString(root.resolve("file"), "");
    assertThatThrownBy(() -> DataFolder.open(file.resolve("below")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("file");
  }
}
