package io.entrepot.boot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.fixture.FakeHelper;
import io.entrepot.fixture.FakeRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The credentials that the cache sends to the upstream, from its settings, and how they change. */
@Timeout(60)
class AccessTest {
  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";

  @TempDir Path folder;
  private final FakeRegistry upstream = FakeRegistry.start();
  private int images;

  @AfterEach
  void close() {
    upstream.close();
  }

  private TestServer.Builder server() {
    return new TestServer.Builder(folder, upstream.uri());
  }

  /** Pulls content that is not stored yet. */
  private int pull(TestServer server) {
    String tag = "v" + images++;
    byte[] manifest =
        ("{\"schemaVersion\":2,\"mediaType\":\"" + MANIFEST + "\",\"annotations\":{\"t\":\"" + tag)
            .concat("\"},\"layers\":[]}")
            .getBytes(UTF_8);
    upstream.putManifest("team/app", tag, MANIFEST, manifest);
    return server.get("/v2/team/app/manifests/" + tag).statusCode();
  }

  @Test
  void passwordFileIsFollowed() throws IOException {
    upstream.requireBasic("me", "first");
    Path file = Files.writeString(folder.resolve("password"), "first\n");
    TestServer.Builder builder =
        server().set("proxy.username", "me").set("proxy.passwordfile", file.toString());
    try (TestServer server = builder.start()) {
      assertThat(pull(server)).isEqualTo(200);

      upstream.requireBasic("me", "another");
      assertThat(pull(server)).isEqualTo(403);
      Files.writeString(file, "another\n");
      assertThat(pull(server)).isEqualTo(200);
    }
  }

  @Test
  void dockersConfigAndItsHelperAreFollowed() throws IOException {
    upstream.requireBasic("me", "first");
    FakeHelper helper = new FakeHelper(folder, "fake").answers("me", "first");
    String host = upstream.uri().getAuthority();
    Path config =
        Files.writeString(
            folder.resolve("config.json"), "{\"credHelpers\":{\"" + host + "\":\"fake\"}}");
    TestServer.Builder builder =
        server()
            .set("proxy.dockerconfig", config.toString())
            .set("proxy.exec.path", folder.toString());
    try (TestServer server = builder.start()) {
      assertThat(pull(server)).isEqualTo(200);
      assertThat(pull(server)).isEqualTo(200);
      assertThat(helper.asked()).containsExactly("get " + host);

      upstream.requireBasic("me", "another");
      helper.answers("me", "another");
      assertThat(pull(server)).isEqualTo(200);
      assertThat(helper.asked()).hasSize(2);
    }
  }

  @Test
  void helperMayBeNamedAlone() {
    upstream.requireBasic("me", "first");
    FakeHelper helper = new FakeHelper(folder, "fake").answers("me", "first");
    TestServer.Builder builder =
        server()
            .set("proxy.exec.command", "docker-credential-fake")
            .set("proxy.exec.path", folder.toString());
    try (TestServer server = builder.start()) {
      assertThat(pull(server)).isEqualTo(200);
      assertThat(helper.asked()).containsExactly("get " + upstream.uri().getAuthority());
    }
  }

  /** The settings change, as when config.yml is written again or JNDI is bound again. */
  @Test
  void settingsAreReadAgainWhenWhatTheySaidIsRefused() {
    upstream.requireTokens().user("me", "first").refuseAnonymous();
    TestServer.Builder builder = server().set("proxy.credentials", "me:first");
    try (TestServer server = builder.start()) {
      assertThat(pull(server)).isEqualTo(200);

      upstream.requireTokens().user("me", "another").refuseAnonymous();
      builder.set("proxy.credentials", "me:another");
      assertThat(pull(server)).isEqualTo(200);

      builder.set("proxy.credentials", "");
      assertThat(pull(server)).as("not needed").isEqualTo(200);
    }
  }

  @Test
  void healthTellsOfWrongCredentialsAndOfTheirEnd() throws IOException {
    upstream.requireBasic("me", "right");
    Path file = Files.writeString(folder.resolve("password"), "canary-wrong\n");
    TestServer.Builder builder =
        server().set("proxy.username", "me").set("proxy.passwordfile", file.toString());
    try (TestServer server = builder.start()) {
      Awaitility.await().until(() -> health(server).contains("wrong credentials of user"));
      assertThat(server.get("/api/health").statusCode()).as("it serves what it has").isEqualTo(200);
      String metrics = new String(server.get("/metrics").body(), UTF_8);
      assertThat(metrics)
          .contains("entrepot_upstream_credentials_refused_total 1.0")
          .doesNotContain("canary");

      Files.writeString(file, "right\n");
      assertThat(pull(server)).isEqualTo(200);
      assertThat(health(server)).contains("\"degraded\":[]").doesNotContain("canary");
    }
  }

  @Test
  void publicRepositoryIsServedAnonymouslyWhereThatIsAnOption() {
    upstream.requireTokens().user("me", "right");
    try (TestServer server =
        server()
            .set("proxy.credentials", "me:wrong")
            .set("proxy.anonymousfallback", "true")
            .start()) {
      assertThat(pull(server)).isEqualTo(200);
    }
    try (TestServer server = server().set("proxy.credentials", "me:wrong").start()) {
      assertThat(pull(server)).isEqualTo(403);
    }
  }

  @Test
  void fileOrHelperThatCannotBeUsedFailsTheDeploymentByItsSetting() throws IOException {
    Path empty = Files.writeString(folder.resolve("empty"), "");
    assertFails(
        server().set("proxy.username", "me").set("proxy.passwordfile", empty.toString()),
        "proxy.passwordfile: the file " + empty + " cannot be read: it is empty");
    assertFails(
        server().set("proxy.dockerconfig", empty.toString()),
        "proxy.dockerconfig: the file "
            + empty
            + " cannot be read: it is no JSON object, or nested too deep");
    assertFails(
        server().set("proxy.exec.command", "none").set("proxy.exec.path", folder.toString()),
        "proxy.exec.command: there is no program docker-credential-none in [" + folder + "]");
  }

  private static void assertFails(TestServer.Builder builder, String message) {
    assertThatThrownBy(() -> builder.wire().close())
        .isInstanceOf(StartException.class)
        .hasMessage(message);
  }

  private static String health(TestServer server) {
    return new String(server.get("/api/health").body(), UTF_8);
  }
}
