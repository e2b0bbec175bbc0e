package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.unboundid.ldap.listener.InMemoryDirectoryServer;
import com.unboundid.ldap.listener.InMemoryDirectoryServerConfig;
import io.entrepot.boot.TestServer;
import io.entrepot.fixture.FakeRegistry;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pulls by users of a directory, and what holds when the directory is gone (S14, S22). */
@TestMethodOrder(OrderAnnotation.class)
class LdapLoginTest {
  private static final String SUFFIX = "dc=example,dc=com";
  private static final String PATH = "/v2/team/app/manifests/v1";
  private static final Pattern TOKEN = Pattern.compile("\"token\":\"([^\"]+)\"");

  @TempDir static Path folder;
  private static InMemoryDirectoryServer directory;
  private static FakeRegistry upstream;
  private static TestServer server;

  @BeforeAll
  static void start() throws Exception {
    directory = directory();
    upstream = FakeRegistry.start();
    upstream.putManifest(
        "team/app",
        "v1",
        "application/vnd.oci.image.manifest.v1+json",
        "{\"schemaVersion\":2,\"layers\":[]}".getBytes(UTF_8));
    server =
        new TestServer.Builder(folder, upstream.uri())
            .set("auth.ldap.url", "ldap://127.0.0.1:" + directory.getListenPort())
            .set("auth.ldap.binddn", "cn=reader," + SUFFIX)
            .set("auth.ldap.bindpassword", "reader-pw")
            .set("auth.ldap.userbase", "ou=people," + SUFFIX)
            .set("auth.ldap.groupbase", "ou=groups," + SUFFIX)
            .set("access", "group:ldap:ops pull team/**")
            .start();
  }

  private static InMemoryDirectoryServer directory() throws Exception {
    InMemoryDirectoryServerConfig config = new InMemoryDirectoryServerConfig(SUFFIX);
    config.addAdditionalBindCredentials("cn=reader," + SUFFIX, "reader-pw");
    config.setSchema(null);
    InMemoryDirectoryServer started = new InMemoryDirectoryServer(config);
    started.add("dn: " + SUFFIX, "objectClass: domain", "dc: example");
    started.add("dn: ou=people," + SUFFIX, "objectClass: organizationalUnit", "ou: people");
    started.add("dn: ou=groups," + SUFFIX, "objectClass: organizationalUnit", "ou: groups");
    for (String user : List.of("ann", "bob")) {
      started.add(
          "dn: uid=" + user + ",ou=people," + SUFFIX,
          "objectClass: person",
          "uid: " + user,
          "userPassword: " + user + "-pw");
    }
    started.add(
        "dn: cn=ops,ou=groups," + SUFFIX,
        "objectClass: groupOfNames",
        "cn: ops",
        "member: uid=ann,ou=people," + SUFFIX);
    started.startListening();
    return started;
  }

  @AfterAll
  static void stop() {
    server.close();
    upstream.close();
    directory.shutDown(true);
  }

  private static HttpResponse<byte[]> get(String path, String user, String password) {
    String pair = Base64.getEncoder().encodeToString((user + ":" + password).getBytes(UTF_8));
    return server.get(path, "Authorization", "Basic " + pair);
  }

  @ParameterizedTest
  @CsvSource({
    "ann,                 ann-pw, 200",
    "ann,                 wrong,  401",
    "ann,                 '',     401",
    "bob,                 bob-pw, 403",
    "nobody,              ann-pw, 401",
    "*,                   ann-pw, 401",
    "a*,                  ann-pw, 401",
    "ann)(uid=*,          ann-pw, 401",
    "'ann,ou=people',     ann-pw, 401",
  })
  @Order(1)
  void theDirectorySaysWhoMayPull(String user, String password, int status) {
    assertThat(get(PATH, user, password).statusCode()).isEqualTo(status);
  }

  @Test
  @Order(2)
  void whoHasNoLoginIsAskedForOne() {
    assertThat(server.get(PATH).statusCode()).isEqualTo(401);
  }

  @Test
  @Order(3)
  void aDirectoryThatIsGoneStopsNewLoginsAndNoTokens() {
    HttpResponse<byte[]> given =
        get("/v2/token?service=x&scope=repository:team/app:pull", "ann", "ann-pw");
    Matcher token = TOKEN.matcher(new String(given.body(), UTF_8));
    assertThat(token.find()).isTrue();
    directory.shutDown(true);

    HttpResponse<byte[]> bob = get(PATH, "bob", "bob-pw2");
    assertThat(bob.statusCode()).isEqualTo(503);
    assertThat(bob.headers().firstValue("Retry-After")).isPresent();
    assertThat(get("/v2/", "bob", "bob-pw2").statusCode()).isEqualTo(503);

    assertThat(get(PATH, "ann", "ann-pw").statusCode()).isEqualTo(200); // right a minute ago
    for (int i = 0; i < 12; i++) {
      assertThat(server.get(PATH, "Authorization", "Bearer " + token.group(1)).statusCode())
          .isEqualTo(200);
      assertThat(get(PATH, "carl" + i, "x").statusCode()).isEqualTo(503); // no failures of his
    }
  }
}
