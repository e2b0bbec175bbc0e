package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import at.favre.lib.crypto.bcrypt.BCrypt;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.entrepot.boot.TestServer;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.LogLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the logs say of who has asked for what, and of those who were refused (S16, S22). */
class AuditLogTest {
  private static final Logger ACCESS = Logger.getLogger("io.entrepot.access");
  private static final String PATH = "/v2/team/app/manifests/v1";

  @TempDir Path folder;
  private final FakeRegistry upstream = FakeRegistry.start();
  private final LogLines audit = LogLines.ofInfo("io.entrepot.audit");
  private final LogLines access = LogLines.ofInfo("io.entrepot.access");
  private TestServer server;
  private Level before;

  @BeforeEach
  void start() throws IOException {
    upstream.putManifest(
        "team/app",
        "v1",
        "application/vnd.oci.image.manifest.v1+json",
        "{\"schemaVersion\":2,\"layers\":[]}".getBytes(UTF_8));
    StringBuilder users = new StringBuilder();
    for (String user : List.of("ann", "bob", "ops")) {
      String hash = BCrypt.withDefaults().hashToString(4, (user + "-pw").toCharArray());
      users.append(user).append(':').append(hash).append('\n');
    }
    Path file = Files.writeString(folder.resolve("users"), users);
    server =
        new TestServer.Builder(folder, upstream.uri())
            .set("auth.htpasswd.path", file.toString())
            .set("access", "user:ann pull team/**, user:ops view,manage **")
            .start();
    before = ACCESS.getLevel();
    ACCESS.setLevel(Level.INFO);
  }

  @AfterEach
  void stop() {
    ACCESS.setLevel(before);
    server.close();
    upstream.close();
    audit.close();
    access.close();
  }

  private int send(String method, String path, String login, String... more) {
    List<String> headers = new ArrayList<>(List.of(more));
    if (!login.isEmpty()) {
      headers.add("Authorization");
      headers.add("Basic " + Base64.getEncoder().encodeToString(login.getBytes(UTF_8)));
    }
    return server.send(method, path, headers.toArray(String[]::new)).statusCode();
  }

  /** The events of the audit log, each as its fields but the time. */
  private List<List<String>> events() throws IOException {
    List<List<String>> events = new ArrayList<>();
    for (String line : audit.with("{")) {
      JsonNode json = new ObjectMapper().readTree(line.substring("INFO ".length()));
      assertThat(json.properties()).hasSize(6);
      assertThat(json.get("time").asText()).endsWith("Z");
      assertThat(json.get("address").asText()).isEqualTo("127.0.0.1");
      events.add(
          List.of(
              json.get("action").asText(),
              json.get("principal").asText(),
              json.get("repository").asText(),
              json.get("outcome").asText()));
    }
    return events;
  }

  @Test
  void eachRefusalFailedLoginAndChangeIsALineOfJson() throws IOException {
    assertThat(send("GET", PATH, "ann:ann-pw")).isEqualTo(200);
    assertThat(events()).as("what is given").isEmpty();

    assertThat(send("GET", PATH, "")).isEqualTo(401);
    assertThat(send("GET", PATH, "bob:bob-pw")).isEqualTo(403);
    assertThat(send("GET", PATH, "eve\"}\\:guess")).isEqualTo(401);
    assertThat(send("GET", "/api/stats", "ann:ann-pw")).isEqualTo(403);
    assertThat(send("POST", "/api/verify", "ann:ann-pw")).isEqualTo(403);
    assertThat(send("POST", "/api/verify", "ops:ops-pw")).isEqualTo(202);

    assertThat(events())
        .containsExactly(
            List.of("pull", "anonymous", "team/app", "refused"),
            List.of("pull", "htpasswd:bob", "team/app", "refused"),
            List.of("login", "eve\"}\\", "", "refused: the user name or the password is wrong"),
            List.of("view", "htpasswd:ann", "", "refused"),
            List.of("manage", "htpasswd:ann", "", "refused"),
            List.of("verify", "htpasswd:ops", "", "begun"));
    assertThat(audit.with("-pw")).isEmpty();
    assertThat(audit.with("guess")).isEmpty();
  }

  @Test
  void accessLineHasWhoAndByWhichProgram() {
    assertThat(send("GET", PATH, "ann:ann-pw", "User-Agent", "skopeo/1.9 \" status=200"))
        .isEqualTo(200);
    assertThat(send("GET", PATH, "bob:bob-pw", "User-Agent", "curl/8")).isEqualTo(403);

    // A line is written after the answer was sent.
    await().until(() -> !access.with("status=200 outcome").isEmpty());
    await().until(() -> !access.with("status=403").isEmpty());
    assertThat(access.with("status=200 outcome"))
        .singleElement()
        .asString()
        .contains(" principal=\"htpasswd:ann\" agent=\"skopeo/1.9 ")
        .doesNotContain("1.9 \" status=200");
    assertThat(access.with("status=403"))
        .singleElement()
        .asString()
        .containsPattern(" principal=\"htpasswd:bob\" agent=\"curl/8\" id=\"[^\"]+\"");
    assertThat(access.with("-pw")).isEmpty();
  }
}
