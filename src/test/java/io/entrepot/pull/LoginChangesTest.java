package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import at.favre.lib.crypto.bcrypt.BCrypt;
import io.entrepot.boot.TestServer;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.TestClock;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rules that change, strangers, and passwords that are guessed (S14, S22). */
class LoginChangesTest {
  private static final String MANIFEST = "/v2/team/app/manifests/v1";
  private static final String TOKEN = "/v2/token?service=x";
  private static final String SCOPED = TOKEN + "&scope=repository:team/app:pull";

  @TempDir Path folder;
  private final TestClock clock = new TestClock();
  private FakeRegistry upstream;
  private TestServer server;
  private Path users;
  private Path rules;

  @BeforeEach
  void start() throws IOException {
    upstream = FakeRegistry.start();
    upstream.putManifest(
        "team/app",
        "v1",
        "application/vnd.oci.image.manifest.v1+json",
        "{\"schemaVersion\":2,\"layers\":[]}".getBytes(UTF_8));
    String hash = BCrypt.withDefaults().hashToString(4, "right".toCharArray());
    users = Files.writeString(folder.resolve("users"), "ann:" + hash + "\n");
    rules = Files.writeString(folder.resolve("rules"), "# nobody\nuser:ann pull other/**\n");
    server =
        new TestServer.Builder(folder, upstream.uri())
            .clock(clock)
            .set("auth.htpasswd.path", users.toString())
            .set("auth.lenient", "true")
            .set("accessfile", rules.toString())
            .start();
  }

  @AfterEach
  void stop() {
    server.close();
    upstream.close();
  }

  private HttpResponse<byte[]> get(String path, String login) {
    String basic = Base64.getEncoder().encodeToString(login.getBytes(UTF_8));
    return server.get(path, "Authorization", "Basic " + basic);
  }

  private int status(String path, String login) {
    return get(path, login).statusCode();
  }

  private void writeRules(String text) throws IOException {
    Files.writeString(rules, text);
    clock.advance(Duration.ofSeconds(2));
  }

  @Test
  void changedRuleCountsAtOnceAndABrokenFileChangesNothing() throws IOException {
    assertThat(status(MANIFEST, "ann:right")).isEqualTo(403);
    assertThat(upstream.requests(r -> r.path().contains("team/app"))).isEmpty();
    writeRules("user:ann pull team/**\n");
    assertThat(status(MANIFEST, "ann:right")).isEqualTo(200);
    writeRules("anonymous pull **\nwhoever pull team/**, and more\n");
    assertThat(status(MANIFEST, "ann:right")).isEqualTo(200);
    assertThat(server.get(MANIFEST).statusCode()).isEqualTo(401);
    writeRules("user:ann pull other/**\n");
    assertThat(status(MANIFEST, "ann:right")).isEqualTo(403);
  }

  @Test
  void protectedCacheWithoutUsersAdmitsNobody() throws IOException {
    writeRules("user:ann pull,view,manage **\nauthenticated pull **\n");
    assertThat(status(MANIFEST, "ann:right")).isEqualTo(200);
    Files.writeString(users, "");
    clock.advance(Duration.ofSeconds(2));
    for (String login : List.of("ann:right", "admin:admin", "admin:", "root:root", ":")) {
      for (String path : List.of("/v2/", MANIFEST, "/api/stats", "/metrics")) {
        assertThat(status(path, login)).as("%s as %s", path, login).isIn(401, 429);
        assertThat(server.get(path).statusCode()).as("%s as nobody", path).isEqualTo(401);
      }
    }
  }

  @Test
  void strangerIsAnonymousOnlyWhereATokenForSomethingIsAskedFor() {
    assertThat(status(SCOPED, "hub-user:hub-password")).isEqualTo(200);
    assertThat(status(TOKEN, "hub-user:hub-password")).isEqualTo(401);
    assertThat(status(SCOPED, "ann:wrong")).isEqualTo(401);
    assertThat(status(MANIFEST, "hub-user:hub-password")).isEqualTo(401);
    assertThat(status("/v2/", "hub-user:hub-password")).isEqualTo(401);
  }

  @Test
  void addressThatGuessesIsSlowedAndWhoIsKnownGoesOn() {
    assertThat(status("/v2/", "ann:right")).isEqualTo(200);
    for (int i = 0; i < 10; i++) {
      assertThat(status("/v2/", "ann:guess" + i)).isEqualTo(401);
    }
    HttpResponse<byte[]> slowed = get("/v2/", "ann:guess");
    assertThat(slowed.statusCode()).isEqualTo(429);
    assertThat(slowed.headers().firstValue("Retry-After")).hasValue("60");
    assertThat(new String(slowed.body(), UTF_8)).contains("TOOMANYREQUESTS");
    assertThat(status("/v2/", "ann:right")).isEqualTo(200);
    assertThat(server.get(TOKEN).statusCode()).isEqualTo(200);

    clock.advance(Duration.ofMinutes(1));
    assertThat(status("/v2/", "ann:right")).isEqualTo(200);
    assertThat(status("/v2/", "ann:guess")).isEqualTo(401);
  }
}
