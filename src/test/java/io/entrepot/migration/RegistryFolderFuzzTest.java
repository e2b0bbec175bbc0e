package io.entrepot.migration;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.entrepot.oci.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Any tree of files where the folder of a docker-registry is expected, and any bytes in them. */
class RegistryFolderFuzzTest {
  private static final int MAX_FILES = 20;

  private Path folder;

  @BeforeEach
  void create() throws IOException {
    folder = Files.createTempDirectory("registry-fuzz");
  }

  @AfterEach
  void delete() throws IOException {
    FileUtils.deleteDirectory(folder.toFile());
  }

  /** Each line is a file below {@code repositories}. */
  @FuzzTest
  void trees(byte[] data) throws IOException {
    Path repositories = folder.resolve("docker/registry/v2/repositories");
    FileUtils.deleteDirectory(folder.toFile());
    Files.createDirectories(repositories);
    new String(data, ISO_8859_1).lines().limit(MAX_FILES).forEach(it -> put(repositories, it));
    try {
      RegistryFolder source = new RegistryFolder(folder);
      for (RegistryFolder.Repository repository : source.repositories()) {
        assertThat(repository.folder()).startsWithRaw(repositories);
        for (String part : new String[] {"_layers", "_manifests/revisions"}) {
          for (Digest digest : source.links(repository.folder().resolve(part))) {
            assertThat(source.data(digest)).startsWithRaw(folder);
          }
        }
      }
    } catch (IOException e) {
      assertThat(e.getMessage()).contains(" is no repository: ");
    }
  }

  @FuzzTest
  void types(byte[] data) {
    assertThat(ManifestType.of(data)).isNotBlank();
  }

  /** Names that no file can have are left out. */
  private static void put(Path repositories, String line) {
    boolean odd = Arrays.asList(line.split("/", -1)).contains("..") || line.indexOf('\0') >= 0;
    if (odd || line.length() > 200) {
      return;
    }
    try {
      Path file = repositories.resolve(line.replaceFirst("^/+", ""));
      Files.createDirectories(file.getParent());
      Files.createFile(file);
    } catch (IOException | RuntimeException e) {
      // A file stands where a folder should be, or the system takes no such name.
      assertThat(e).isNotNull();
    }
  }
}
