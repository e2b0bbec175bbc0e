package io.entrepot.launch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnpackedWarTest {
  @TempDir Path parent;
  private Path folder;

  @BeforeEach
  void makeFolder() throws IOException {
    folder = Files.createDirectory(parent.resolve("application"));
  }

  @Test
  void hasWhatIsTheApplicationsAndNotTheLauncher() throws IOException {
    Path war =
        war("WEB-INF/", "WEB-INF/lib/a.jar", "WEB-INF/web.xml", "org/Tomcat.class", "x.html");
    UnpackedWar unpacked = UnpackedWar.of(war, folder);
    assertThat(folder.resolve("WEB-INF/lib/a.jar")).hasContent("content of WEB-INF/lib/a.jar");
    assertThat(files())
        .containsExactlyInAnyOrder("WEB-INF/lib/a.jar", "WEB-INF/web.xml", "classes.jar");
    assertThat(unpacked.folder()).isEqualTo(folder);
  }

  @Test
  void hasItsClassesInOneArchive() throws IOException {
    Path war = war("WEB-INF/classes/", "WEB-INF/classes/a/B.class", "WEB-INF/classes/c.sql");
    UnpackedWar unpacked = UnpackedWar.of(war, folder);
    assertThat(files()).containsExactly("classes.jar");
    try (ZipFile archive = new ZipFile(unpacked.classes().toFile())) {
      assertThat(archive.stream().map(ZipEntry::getName)).containsExactly("a/B.class", "c.sql");
      byte[] content = archive.getInputStream(archive.getEntry("a/B.class")).readAllBytes();
      assertThat(content).asString(UTF_8).isEqualTo("content of WEB-INF/classes/a/B.class");
    }
  }

  @Test
  void hasNothingOutside() throws IOException {
    Path war = war("WEB-INF/../../../outside");
    assertThatExceptionOfType(IOException.class).isThrownBy(() -> UnpackedWar.of(war, folder));
    assertThat(parent.resolve("outside")).doesNotExist();
  }

  private Path war(String... names) throws IOException {
    Path war = parent.resolve("test.war");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(war))) {
      for (String name : names) {
        zip.putNextEntry(new ZipEntry(name));
        if (!name.endsWith("/")) {
          zip.write(("content of " + name).getBytes(UTF_8));
        }
      }
    }
    return war;
  }

  private List<String> files() throws IOException {
    try (Stream<Path> walk = Files.walk(folder)) {
      return walk.filter(Files::isRegularFile)
          .map(file -> folder.relativize(file).toString())
          .toList();
    }
  }
}
