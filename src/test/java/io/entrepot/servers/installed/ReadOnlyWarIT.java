package io.entrepot.servers.installed;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.fixture.FakeRegistry;
import io.entrepot.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The WAR where it may not be written to, packed and exploded. On the way, that what it logs gets
 * into the server's log, and that SLF4J has nothing to complain about there.
 */
@Timeout(300)
class ReadOnlyWarIT {
  private static final Path WAR = Path.of(System.getProperty("it.war"));

  @TempDir Path folder;
  private final FakeRegistry upstream = FakeRegistry.start();
  private Path application;
  private Map<String, String> settings;

  /** Starts a server whose own files are in the folder. */
  private interface Start {
    ServerProcess in(Path folder) throws Exception;
  }

  @BeforeEach
  void prepare() throws IOException {
    application = Files.createDirectories(folder.resolve("application"));
    settings =
        Map.of(
            "proxy.remoteurl", upstream.uri().toString(),
            "storage.filesystem.rootdirectory", folder.resolve("data").toString(),
            "storage.reserve", "0");
  }

  @AfterEach
  void stop() {
    upstream.close();
  }

  private void assertServes(Start start) throws Exception {
    byte[] bytes = new byte[500_000];
    new Random(7).nextBytes(bytes);
    Digest blob = upstream.putBlob("team/app", bytes);
    Path base = Files.createDirectories(folder.resolve("server"));
    try (ReadOnlyFolder readOnly = ReadOnlyFolder.of(application);
        ServerProcess server = start.in(base)) {
      server.awaitServed();
      for (int i = 0; i < 2; i++) {
        assertThat(server.get("/v2/team/app/blobs/" + blob).body()).isEqualTo(bytes);
      }
      assertThat(upstream.blobGets(blob)).hasSize(1);
      assertThat(server.get("/api/health").statusCode()).isEqualTo(200);
      server.stop();

      assertThat(server.console())
          .containsOnlyOnce("Entrepot caches " + upstream.uri())
          .doesNotContain("SLF4J");
      assertThat(readOnly.content()).isEqualTo(readOnly.before());
    }
  }

  @Test
  void runsByItself() throws Exception {
    Path war = Files.copy(WAR, application.resolve("entrepot.war"));
    assertServes(base -> ServerProcess.executable(base, war, settings));
  }

  @Test
  void runsPackedInTomcat() throws Exception {
    Files.copy(WAR, application.resolve("ROOT.war"));
    assertServes(base -> ServerProcess.tomcat(base, application, settings));
  }

  @Test
  void runsExplodedInTomcat() throws Exception {
    explode(Files.createDirectory(application.resolve("ROOT")));
    assertServes(base -> ServerProcess.tomcat(base, application, settings));
  }

  @Test
  void runsPackedInJetty() throws Exception {
    Files.copy(WAR, application.resolve("root.war"));
    assertServes(base -> ServerProcess.jetty(base, application, settings));
  }

  @Test
  void runsExplodedInJetty() throws Exception {
    explode(Files.createDirectory(application.resolve("root")));
    assertServes(base -> ServerProcess.jetty(base, application, settings));
  }

  private static void explode(Path target) throws IOException {
    try (InputStream in = Files.newInputStream(WAR);
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Path file = target.resolve(entry.getName());
        if (entry.isDirectory()) {
          Files.createDirectories(file);
        } else {
          Files.createDirectories(file.getParent());
          Files.copy(zip, file);
        }
      }
    }
  }
}
