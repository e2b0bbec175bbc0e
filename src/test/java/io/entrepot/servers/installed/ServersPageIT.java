package io.entrepot.servers.installed;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.fixture.FreePort;
import io.entrepot.oci.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Fresh servers, installed by typing the commands of docs/servers.md. Each serves after a restart
 * what was pulled before, without asking the upstream, and with its lease. Then each gets its realm
 * from the page, whose users log in.
 */
@Timeout(900)
class ServersPageIT {
  private static final Path PAGES = Path.of("docs/servers");

  @TempDir Path folder;
  private final byte[] bytes = new byte[500_000];
  private Digest blob;

  /** Restarts a server. */
  private interface Restart {
    void now() throws Exception;
  }

  @BeforeEach
  void fill() {
    new Random(11).nextBytes(bytes);
  }

  private static Path dist(String name) throws IOException {
    try (Stream<Path> all = Files.list(Path.of(System.getProperty("it.dist")))) {
      return all.filter(path -> path.getFileName().toString().startsWith(name))
          .findFirst()
          .orElseThrow();
    }
  }

  private void assertServes(TypedServer server, Restart restart) throws Exception {
    blob = server.upstream.putBlob("team/app", bytes);
    String path = "/v2/team/app/blobs/" + blob;
    assertThat(server.get(path).body()).as(server::console).isEqualTo(bytes);
    awaitLease(server);

    restart.now();

    assertThat(server.get(path).body()).as(server::console).isEqualTo(bytes);
    assertThat(server.upstream.blobGets(blob)).hasSize(1);
    awaitLease(server);
    assertThat(server.storage.resolve("index")).isDirectory();
  }

  /** Restarts a server whose realm is set up, so that the role of its user may pull. */
  private void assertLogsIn(TypedServer server, String role, Restart restart) throws Exception {
    server
        .with("ENTREPOT_AUTH_CONTAINER", "true")
        .with("ENTREPOT_ACCESS", "group:" + role + " pull team/**");
    restart.now();
    awaitAnswer(server, 401);
    String path = "/v2/team/app/blobs/" + blob;
    RealmFacts.assertHold(server.uri(), path, bytes, "/v2/other/app/blobs/" + blob);
  }

  private static void awaitLease(TypedServer server) {
    await()
        .untilAsserted(
            () ->
                assertThat(new String(server.get("/api/stats").body(), UTF_8))
                    .contains("\"leases\":1"));
  }

  /** Lines of a log that warn or fail, but those that a server writes without us too. */
  private static List<String> complaints(String log, String... ofTheServer) {
    return log.lines()
        .filter(line -> line.matches(".*(?: WARN|WARNING|ERROR|SEVERE| W | E ).*"))
        .filter(line -> Stream.of(ofTheServer).noneMatch(line::contains))
        .filter(line -> !line.contains("SecureRandom instance")) // Tomcat's, on a slow machine
        .toList();
  }

  @Test
  void tomcat() throws Exception {
    ServersPage page = ServersPage.of("Tomcat");
    int port = FreePort.find();
    try (TypedServer server =
        new TypedServer(
            folder,
            dist("apache-tomcat-10"),
            "CATALINA_HOME",
            PAGES.resolve("tomcat"),
            "127.0.0.1:8080",
            port)) {
      Path conf = server.home.resolve("conf/server.xml");
      Files.writeString(
          conf,
          Files.readString(conf)
              .replace("\"8080\"", "\"" + port + "\"")
              .replace("\"8005\"", "\"" + FreePort.find() + "\""));
      removeRights(server.home.resolve("bin"));
      server
          .with(
              "CATALINA_OPTS",
              "-Dregistry.upstream=%s -Dregistry.storage=%s"
                  .formatted(server.upstream.uri(), server.storage))
          .stoppedBy(server.home.resolve("bin/catalina.sh") + " stop");

      assertServesAsTyped(server, page);
      Path users = server.home.resolve("conf/tomcat-users.xml");
      TypedServer.insert(users, page.realm().get(0), "</tomcat-users>");
      assertLogsIn(server, "ci", () -> server.type(withExport(page)));

      assertThat(complaints(read(server.home.resolve("logs/catalina.out")))).isEmpty();
    }
  }

  /** As after unzipping a file that keeps no permissions. */
  private static void removeRights(Path bin) throws IOException {
    try (Stream<Path> all = Files.list(bin)) {
      all.forEach(file -> file.toFile().setExecutable(false, false));
    }
  }

  @Test
  void wildfly() throws Exception {
    ServersPage page = ServersPage.of("WildFly");
    int port = FreePort.find();
    try (TypedServer server =
        new TypedServer(
            folder,
            dist("wildfly"),
            "JBOSS_HOME",
            PAGES.resolve("wildfly"),
            "127.0.0.1:8080",
            port)) {
      server.replace(
          "standalone.sh ",
          "standalone.sh -Djboss.http.port=%d -Djboss.https.port=0 -Djboss.management.http.port=%d -Dregistry.upstream=%s -Dregistry.storage=%s "
              .formatted(port, FreePort.find(), server.upstream.uri(), server.storage));

      server.type(page.installation(), "standalone.sh");
      assertServes(
          server,
          () -> {
            server.interrupt();
            server.type(List.of(page.installation().get(0)));
            server.type(
                page.installation().stream()
                    .filter(line -> line.matches("(?:export|curl) .*|.*standalone\\.sh .*"))
                    .toList(),
                "standalone.sh");
          });
      assertThat(complaints(server.console(), "WFLYTX0013", "WFLYELY")).isEmpty();
      server.type(withExport(page.installation().get(0), page.realmCommands()));
      assertLogsIn(
          server,
          "ci",
          () -> {
            server.interrupt();
            server.type(
                page.installation().stream()
                    .filter(line -> line.matches("export .*|.*standalone\\.sh .*"))
                    .toList(),
                "standalone.sh");
          });
    }
  }

  @Test
  void liberty() throws Exception {
    ServersPage page = ServersPage.of("Open Liberty");
    int port = FreePort.find();
    try (TypedServer server =
        new TypedServer(
            folder, dist("wlp"), "WLP", PAGES.resolve("liberty"), "127.0.0.1:5000", port)) {
      server
          .with("REGISTRY_PORT", Integer.toString(port))
          .with("REGISTRY_HOST", "127.0.0.1")
          .with("REGISTRY_UPSTREAM", server.upstream.uri().toString())
          .with("REGISTRY_STORAGE", server.storage.toString())
          .stoppedBy(server.home.resolve("bin/server") + " stop entrepot");

      assertServesAsTyped(server, page);
      Path xml = server.home.resolve("usr/servers/entrepot/server.xml");
      TypedServer.insert(xml, page.realm().get(0), "</server>");
      TypedServer.insert(xml, page.realm().get(1), "</webApplication>");
      assertLogsIn(server, "entrepot-pull", () -> server.type(withExport(page)));

      assertThat(complaints(read(server.home.resolve("usr/servers/entrepot/logs/messages.log"))))
          .isEmpty();
    }
  }

  @Test
  void payara() throws Exception {
    ServersPage page = ServersPage.of("Payara");
    int base = FreePort.findRow(100);
    try (TypedServer server =
        new TypedServer(
            folder,
            dist("payara6"),
            "PAYARA",
            PAGES.resolve("payara"),
            "127.0.0.1:8080",
            base + 80)) {
      server
          .replace("--nopassword", "--nopassword --portbase " + base + " --checkports=false")
          .with("AS_ADMIN_PORT", Integer.toString(base + 48))
          .with("REGISTRY_UPSTREAM", server.upstream.uri().toString())
          .with("REGISTRY_STORAGE", server.storage.toString())
          .stoppedBy(server.home.resolve("bin/asadmin") + " stop-domain entrepot");

      assertServesAsTyped(server, page);
      server.type(withExport(page.installation().get(0), page.realmCommands()));
      // A domain that restarts keeps the environment in which it was started.
      String asadmin = server.home.resolve("bin/asadmin").toString();
      assertLogsIn(
          server,
          "ci",
          () ->
              server.type(
                  List.of(asadmin + " stop-domain entrepot", asadmin + " start-domain entrepot")));
    }
  }

  /** Installs and restarts a server that the page leaves in the background. */
  private void assertServesAsTyped(TypedServer server, ServersPage page) throws Exception {
    server.type(page.installation());
    assertServes(
        server,
        () -> {
          server.type(withExport(page));
          awaitAnswer(server, 200);
        });
  }

  /** The lines that restart a server, in a new terminal. */
  private static List<String> withExport(ServersPage page) {
    return withExport(page.installation().get(0), page.restart());
  }

  private static List<String> withExport(String export, List<String> lines) {
    return Stream.concat(Stream.of(export), lines.stream()).toList();
  }

  private static void awaitAnswer(TypedServer server, int status) {
    await()
        .atMost(Duration.ofMinutes(2))
        .ignoreExceptions()
        .until(() -> server.get("/v2/").statusCode() == status);
  }

  private static String read(Path log) throws IOException {
    return Files.readString(log);
  }
}
