package io.entrepot.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.config.JndiLookup;
import io.entrepot.config.SettingSources;
import io.entrepot.config.Settings;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.FakeTokenService;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import org.awaitility.Awaitility;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The start of a deployment, and its failures. */
class StartTest {
  @TempDir Path folder;
  private final Map<String, String> properties = new HashMap<>();

  @Test
  void folderThatCannotBeUsedNamesItsSetting() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    set("storage.filesystem.rootdirectory", file.resolve("below").toString());
    assertThatThrownBy(() -> start(name -> Optional.empty()))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("storage.filesystem.rootdirectory")
        .hasMessageContaining("file");
  }

  @Test
  void secondInstanceOnTheSameFolderNamesItsSetting() {
    set("storage.filesystem.rootdirectory", folder.resolve("data").toString());
    try (Entrepot first = start(name -> Optional.empty())) {
      assertThatThrownBy(() -> start(name -> Optional.empty()))
          .isInstanceOf(StartException.class)
          .hasMessageContaining("storage.filesystem.rootdirectory")
          .hasMessageContaining("another Entrepot");
    }
  }

  @Test
  void jndiObjectOfAnotherTypeIsNamedWithBothTypes() {
    set("storage.filesystem.rootdirectory", folder.resolve("data").toString());
    assertThatThrownBy(() -> start(bound("text")))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("jdbc/entrepot")
        .hasMessageContaining("javax.sql.DataSource")
        .hasMessageContaining("java.lang.String");
  }

  @Test
  void databaseThatDoesNotAnswerIsNamed() {
    set("storage.filesystem.rootdirectory", folder.resolve("data").toString());
    JdbcDataSource absent = new JdbcDataSource();
    absent.setURL("jdbc:h2:" + folder.resolve("nothing") + ";IFEXISTS=TRUE");
    assertThatThrownBy(() -> start(bound(absent)))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("jdbc/entrepot")
        .hasMessageContaining("does not answer");
  }

  @Test
  void databaseOfTheServerTakesThePlaceOfTheEmbeddedOne() {
    set("storage.filesystem.rootdirectory", folder.resolve("data").toString());
    JdbcDataSource servers = new JdbcDataSource();
    servers.setURL("jdbc:h2:mem:servers;DB_CLOSE_DELAY=10");
    try (Entrepot running = start(bound(servers))) {
      assertThat(folder.resolve("data/index")).doesNotExist();
    }
  }

  @Test
  void importOfAFolderThatIsNoRegistrysNamesItsSetting() {
    set("storage.filesystem.rootdirectory", folder.resolve("data").toString());
    set("import.dir", folder.toString());
    try (Entrepot entrepot = start(name -> Optional.empty())) {
      assertThatThrownBy(entrepot::start)
          .isInstanceOf(StartException.class)
          .hasMessageContaining("import.dir")
          .hasMessageContaining("docker/registry/v2");
    }
  }

  @Test
  void checkTellsAllProblemsAtOnceAndTakesNothing() throws IOException {
    Path data = folder.resolve("data");
    set("storage.filesystem.rootdirectory", data.toString());
    try (FakeRegistry upstream = FakeRegistry.start();
        FakeRegistry other = FakeRegistry.start()) {
      upstream.requireTokens().user("me", "secret-of-me");
      set("proxy.remoteurl", upstream.uri().toString());
      set("proxy.username", "me");
      set("proxy.password", "secret-of-me");
      set("upstreams.names", "other");
      set("upstreams.other.url", other.uri().toString());
      assertThat(check())
          .anySatisfy(line -> assertThat(line).startsWith("folder " + data + ": can be written"))
          .contains(
              "upstream " + upstream.uri() + "/: answers; credentials: user me",
              "upstream " + other.uri() + "/: answers; credentials: none");
      assertThat(data).doesNotExist();

      set("proxy.password", "wrong");
      Path below = Files.writeString(data, "").resolve("below");
      set("storage.filesystem.rootdirectory", below.toString());
      other.close();
      assertThatThrownBy(this::check)
          .isInstanceOf(StartException.class)
          .hasMessageContaining("storage.filesystem.rootdirectory: the folder " + below)
          .hasMessageContaining("\nupstream " + upstream.uri() + "/: ")
          .hasMessageContaining("\nupstream " + other.uri() + "/: ")
          .hasMessageNotContaining("wrong\"");
    }
  }

  /** A cache that runs in the folder does not matter. */
  @Test
  void checkNeedsNoLock() {
    set("storage.filesystem.rootdirectory", folder.resolve("data").toString());
    set("proxy.offline", "true");
    try (Entrepot running = start(name -> Optional.empty())) {
      assertThat(check()).hasSize(1);
    }
  }

  private List<String> check() {
    Settings settings = read();
    return new StartCheck(settings, () -> settings, Clock.systemUTC()).run();
  }

  @Test
  void tokenIsFetchedWhenTheApplicationDeploys() {
    try (FakeRegistry upstream = FakeRegistry.start()) {
      FakeTokenService tokens = upstream.requireTokens().user("me", "secret-of-me");
      assertThat(tokens.realm()).isNotNull();
      TestServer.Builder builder =
          new TestServer.Builder(folder, upstream.uri())
              .set("proxy.username", "me")
              .set("proxy.password", "secret-of-me");
      try (TestServer server = builder.start()) {
        Awaitility.await().until(() -> !upstream.tokenRequests().isEmpty());
        assertThat(upstream.tokenRequests().get(0).header("Authorization")).startsWith("Basic ");
      }
    }
  }

  @Test
  void refusedCredentialsDoNotStopTheDeployment() {
    try (FakeRegistry upstream = FakeRegistry.start()) {
      upstream.requireBasic("me", "right");
      TestServer.Builder builder =
          new TestServer.Builder(folder, upstream.uri())
              .set("proxy.username", "me")
              .set("proxy.password", "canary-wrong");
      try (TestServer server = builder.start()) {
        Awaitility.await()
            .until(() -> body(server, "/api/health").contains("\"what\":\"upstream\""));
        assertThat(server.get("/v2/").statusCode()).isEqualTo(200);
        assertThat(server.get("/v2/team/app/manifests/v1").statusCode()).isEqualTo(403);
        assertThat(body(server, "/api/health")).doesNotContain("canary");
        assertThat(body(server, "/metrics")).doesNotContain("canary");
      }
    }
  }

  @Test
  void noThreadIsLeftBehind() {
    Set<String> before = threads();
    try (FakeRegistry upstream = FakeRegistry.start();
        TestServer server = new TestServer.Builder(folder, upstream.uri()).start()) {
      server.get("/v2/team/app/manifests/v1");
      server.get("/v2/team/app/blobs/sha256:" + "0".repeat(64));
      assertThat(threads()).isNotEqualTo(before);
    }
    assertThat(threads()).isEqualTo(before);
  }

  private static Set<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("entrepot") || name.contains("Quartz"))
        .collect(Collectors.toSet());
  }

  private static String body(TestServer server, String path) {
    return new String(server.get(path).body(), java.nio.charset.StandardCharsets.UTF_8);
  }

  private static Naming bound(Object database) {
    return name -> name.equals("jdbc/entrepot") ? Optional.of(database) : Optional.empty();
  }

  private void set(String key, String value) {
    properties.put("entrepot." + key, value);
  }

  private Entrepot start(Naming naming) {
    properties.put("entrepot.proxy.remoteurl", "http://127.0.0.1:1");
    Settings settings = read();
    return new Entrepot(settings, () -> settings, naming, Clock.systemUTC());
  }

  private Settings read() {
    properties.put("user.home", folder.toString());
    try {
      JndiLookup nothing = new JndiLookup(new InitialContext());
      return Settings.read(new SettingSources(nothing, properties, Map.of(), ""));
    } catch (NamingException e) {
      throw new IllegalStateException(e);
    }
  }
}
