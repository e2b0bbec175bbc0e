package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import at.favre.lib.crypto.bcrypt.BCrypt;
import io.entrepot.boot.TestServer;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.oci.Digest;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may do what, at each endpoint (S5, S6, S18, S19, S20, S31). */
class LoginTest {
  private static final String TYPE = "application/vnd.oci.image.manifest.v1+json";
  private static final Pattern TOKEN = Pattern.compile("\"token\":\"([^\"]+)\"");

  @TempDir static Path folder;
  private static FakeRegistry upstream;
  private static TestServer server;
  private static Digest blob;
  private static Digest manifest;

  @BeforeAll
  static void start() throws IOException {
    upstream = FakeRegistry.start();
    for (String name : List.of("public/app", "team/app", "secret/app")) {
      blob = upstream.putBlob(name, "the same bytes".getBytes(UTF_8));
      manifest =
          upstream.putManifest(
              name, "v1", TYPE, "{\"schemaVersion\":2,\"layers\":[]}".getBytes(UTF_8));
    }
    Path users = Files.writeString(folder.resolve("users"), "");
    for (String user : List.of("ann", "bob", "ops")) {
      String hash = BCrypt.withDefaults().hashToString(4, (user + "-pw").toCharArray());
      Files.writeString(users, Files.readString(users) + user + ":" + hash + "\n");
    }
    server =
        new TestServer.Builder(folder, upstream.uri())
            .set("auth.htpasswd.path", users.toString())
            .set(
                "access",
                "anonymous pull public/*, user:ann pull team/**, user:ann pull,view public/*,"
                    + " user:ops pull,view **")
            .start();
    for (String name : List.of("public/app", "team/app", "secret/app")) {
      assertThat(get("/v2/" + name + "/manifests/v1", "ops").statusCode()).isEqualTo(200);
      assertThat(get("/v2/" + name + "/blobs/" + blob, "ops").statusCode()).isEqualTo(200);
    }
  }

  @AfterAll
  static void stop() {
    server.close();
    upstream.close();
  }

  private static String basic(String user, String password) {
    return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(UTF_8));
  }

  /** Asks as a user, as nobody ({@code -}), or by a token of a user ({@code token-ann}). */
  private static HttpResponse<byte[]> get(String path, String as) {
    return send("GET", path, as);
  }

  private static HttpResponse<byte[]> send(String method, String path, String as) {
    if (as.equals("-")) {
      return server.send(method, path);
    }
    if (as.equals("wrong")) {
      return server.send(method, path, "Authorization", basic("ann", "wrong"));
    }
    if (as.startsWith("token-")) {
      String name = path.replaceAll("^/v2/(.+?)/(?:manifests|blobs|tags|referrers)/.*", "$1");
      String scope =
          path.startsWith("/v2/_catalog") ? "registry:catalog:*" : "repository:" + name + ":pull";
      return server.send(method, path, "Authorization", "Bearer " + token(as.substring(6), scope));
    }
    return server.send(method, path, "Authorization", basic(as, as + "-pw"));
  }

  private static String token(String user, String scope) {
    String path = "/v2/token?service=x&scope=" + scope;
    HttpResponse<byte[]> answer =
        user.equals("anonymous")
            ? server.get(path)
            : server.get(path, "Authorization", basic(user, user + "-pw"));
    assertThat(answer.statusCode()).isEqualTo(200);
    Matcher token = TOKEN.matcher(text(answer));
    assertThat(token.find()).isTrue();
    return token.group(1);
  }

  private static String text(HttpResponse<byte[]> answer) {
    return new String(answer.body(), UTF_8);
  }

  private static String challenge(HttpResponse<byte[]> answer) {
    List<String> all = answer.headers().allValues("WWW-Authenticate");
    assertThat(all).hasSizeLessThan(2);
    return String.join("", all);
  }

  @ParameterizedTest
  @CsvSource({
    // path,                       -,   ann, bob, ops, token of ann, of bob, of nobody
    "/v2/,                         401, 200, 200, 200, 200, 200, 200",
    "/v2/public/app/manifests/v1,  200, 200, 200, 200, 200, 200, 200",
    "/v2/public/app/blobs/BLOB,    200, 200, 200, 200, 200, 200, 200",
    "/v2/public/app/tags/list,     200, 200, 200, 200, 200, 200, 200",
    "/v2/public/app/referrers/MAN, 200, 200, 200, 200, 200, 200, 200",
    "/v2/team/app/manifests/v1,    401, 200, 403, 200, 200, 401, 401",
    "/v2/team/app/manifests/MAN,   401, 200, 403, 200, 200, 401, 401",
    "/v2/team/app/blobs/BLOB,      401, 200, 403, 200, 200, 401, 401",
    "/v2/team/app/tags/list,       401, 200, 403, 200, 200, 401, 401",
    "/v2/team/app/referrers/MAN,   401, 200, 403, 200, 200, 401, 401",
    "/v2/secret/app/manifests/v1,  401, 403, 403, 200, 401, 401, 401",
    "/v2/secret/none/manifests/v1, 401, 403, 403, 404, 401, 401, 401",
    "/v2/secret/app/blobs/BLOB,    401, 403, 403, 200, 401, 401, 401",
    "/v2/_catalog,                 200, 200, 200, 200, 200, 200, 200",
    "/api/stats,                   401, 200, 403, 200, 401, 401, 401",
    "/api/missing,                 401, 200, 403, 200, 401, 401, 401",
    "/api/health,                  401, 200, 403, 200, 401, 401, 401",
    "/api/explain?reference=x/y,   401, 200, 403, 200, 401, 401, 401",
    "/metrics,                     401, 200, 403, 200, 401, 401, 401",
    "/api/health/live,             200, 200, 200, 200, 200, 200, 200",
    "/api/health/ready,            200, 200, 200, 200, 200, 200, 200",
    "/v2/token,                    200, 200, 200, 200, 401, 401, 401",
    "/v2/token/jwks,               200, 200, 200, 200, 200, 200, 200",
  })
  void eachEndpointAnswersByTheRights(
      String path, int nobody, int ann, int bob, int ops, int annT, int bobT, int anonT) {
    String at = path.replace("BLOB", blob.toString()).replace("MAN", manifest.toString());
    List<String> who =
        List.of("-", "ann", "bob", "ops", "token-ann", "token-bob", "token-anonymous");
    List<Integer> statuses = List.of(nobody, ann, bob, ops, annT, bobT, anonT);
    for (int i = 0; i < who.size(); i++) {
      for (String method : List.of("GET", "HEAD")) {
        HttpResponse<byte[]> answer = send(method, at, who.get(i));
        assertThat(answer.statusCode())
            .as(method + " as " + who.get(i) + ": " + text(answer))
            .isEqualTo(statuses.get(i));
        boolean isV2 = path.startsWith("/v2/") && !path.startsWith("/v2/token");
        if (answer.statusCode() == 401) {
          assertThat(challenge(answer)).startsWith(isV2 ? "Bearer realm=" : "Basic realm=");
        } else {
          assertThat(challenge(answer)).isEmpty();
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v2/", "/v2/public/app/manifests/v1", "/api/stats", "/v2/token"})
  void wrongPasswordIsRefusedEvenWhereNobodyNeedsOne(String path) {
    HttpResponse<byte[]> answer = get(path, "wrong");
    // After ten failures of an address its passwords are not tried any more.
    assertThat(answer.statusCode()).isIn(401, 429);
    assertThat(text(answer)).containsAnyOf("UNAUTHORIZED", "TOOMANYREQUESTS");
  }

  @Test
  void challengeNamesTheRealmAtTheHostThatWasCalledAndTheScopeOfTheRequest() {
    String base = "Bearer realm=\"http://127.0.0.1:" + server.port() + "/v2/token\",service=\"";
    assertThat(challenge(get("/v2/", "-"))).startsWith(base).doesNotContain("scope", "error");
    assertThat(challenge(get("/v2/team/app/manifests/v1", "-")))
        .startsWith(base)
        .endsWith(",scope=\"repository:team/app:pull\"");
    String other = "Bearer " + token("ann", "repository:public/app:pull");
    assertThat(challenge(server.get("/v2/team/app/manifests/v1", "Authorization", other)))
        .endsWith(",scope=\"repository:team/app:pull\",error=\"insufficient_scope\"");
    assertThat(challenge(server.get("/v2/team/app/manifests/v1", "Authorization", "Bearer x.y.z")))
        .endsWith(",error=\"invalid_token\"");
  }

  @Test
  void whatMayNotBePulledLooksLikeWhatDoesNotExistAndAsksNobody() {
    int before = upstream.requests().size();
    for (String who : List.of("-", "bob", "token-bob")) {
      for (String rest : List.of("manifests/v1", "blobs/" + blob, "tags/list")) {
        HttpResponse<byte[]> there = get("/v2/secret/app/" + rest, who);
        HttpResponse<byte[]> none = get("/v2/secret/non/" + rest, who);
        assertThat(there.statusCode()).isEqualTo(none.statusCode()).isIn(401, 403);
        assertThat(text(there)).isEqualTo(text(none));
        assertThat(challenge(there)).isEqualTo(challenge(none).replace("/non:", "/app:"));
        assertThat(there.headers().map().keySet()).isEqualTo(none.headers().map().keySet());
      }
      HttpResponse<byte[]> range = server.get("/v2/secret/app/blobs/" + blob, "Range", "bytes=0-1");
      assertThat(range.statusCode()).isEqualTo(401);
      HttpResponse<byte[]> held =
          server.get("/v2/secret/app/blobs/" + blob, "If-None-Match", "\"" + blob + "\"");
      assertThat(held.statusCode()).isEqualTo(401);
    }
    assertThat(upstream.requests()).hasSize(before);
  }

  @Test
  void listsShowOnlyWhatThePersonMayPull() {
    assertThat(text(get("/v2/_catalog", "-"))).isEqualTo("{\"repositories\":[\"public/app\"]}");
    assertThat(text(get("/v2/_catalog", "ann")))
        .isEqualTo("{\"repositories\":[\"public/app\",\"team/app\"]}");
    assertThat(text(get("/v2/_catalog?n=1", "token-ann")))
        .isEqualTo("{\"repositories\":[\"public/app\"]}");
    assertThat(text(get("/v2/_catalog", "ops"))).contains("secret/app");
    assertThat(get("/api/tags/secret/app/v1/history", "ann").statusCode()).isEqualTo(404);
    assertThat(get("/api/tags/secret/app/v1/history", "ops").statusCode()).isEqualTo(200);
    assertThat(text(get("/api/tags/secret/app/v1/history", "ops"))).doesNotContain("stored");
  }

  @Test
  void explainSaysWhichRuleGivesAndWhatIsMissing() {
    assertThat(text(get("/api/explain?reference=team/app:v1", "ann")))
        .contains(
            "\"access\":{\"who\":\"htpasswd:ann\",\"mayPull\":true,"
                + "\"rule\":\"user:ann pull team/**\",\"missing\":null}");
    assertThat(text(get("/api/explain?reference=team/app:v1&user=bob", "ops")))
        .contains("\"mayPull\":false", "no rule gives htpasswd:bob pull ");
    assertThat(get("/api/explain?reference=team/app:v1&user=ldap:bob", "ops").statusCode())
        .isEqualTo(400);
    assertThat(get("/api/explain?reference=team/app:v1&group=ops", "ops").statusCode())
        .isEqualTo(400);
    assertThat(text(get("/api/explain?reference=secret/app:v1", "ann")))
        .contains("you may not pull", "\"mayPull\":false")
        .doesNotContain(manifest.toString());
  }

  @Test
  void methodsThatChangeSomethingAskForManage() {
    assertThat(send("POST", "/api/stats", "ops").statusCode()).isEqualTo(403);
    assertThat(send("POST", "/api/stats", "-").statusCode()).isEqualTo(401);
    assertThat(send("DELETE", "/v2/team/app/manifests/v1", "ops").statusCode()).isEqualTo(405);
  }

  @Test
  void readinessSaysOneWord() {
    assertThat(text(get("/api/health/ready", "-"))).isEqualTo("{\"ready\":true}");
    assertThat(text(get("/api/health/live", "-"))).isEqualTo("{\"live\":true}");
  }

  @Test
  void tokenIsAlsoGivenByPost() throws Exception {
    HttpResponse<String> answer =
        post(
            "grant_type=password&service=x&scope=repository:team/app:pull&username=ann&password=ann-pw");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
    Matcher token = TOKEN.matcher(answer.body());
    assertThat(token.find()).isTrue();
    assertThat(
            server
                .get("/v2/team/app/manifests/v1", "Authorization", "Bearer " + token.group(1))
                .statusCode())
        .isEqualTo(200);
    assertThat(post("grant_type=refresh_token&refresh_token=x").statusCode()).isEqualTo(401);
    assertThat(post("a=" + "x".repeat(70_000)).statusCode()).isEqualTo(400);
    assertThat(post("a=%ff").statusCode()).isEqualTo(400);
  }

  /** As much as a body may have, and what no text is. */
  @Test
  void passwordsOfAnySizeAndKindAreWrong() throws Exception {
    String form = "grant_type=password&username=bob&password=";
    for (String password :
        List.of("x".repeat(65_000), "%00", "%E2%80%AE", "%C3%BC".repeat(9_000))) {
      assertThat(post(form + password).statusCode()).isIn(400, 401, 429);
    }
    assertThat(post(form + "%C3").statusCode()).as("half of a character").isEqualTo(400);
    assertThat(post(form + "x".repeat(65 << 10)).statusCode()).as("too large").isEqualTo(400);
    byte[] latin1 = {'b', 'o', 'b', ':', (byte) 0xfc, (byte) 0xff};
    String basic = "Basic " + Base64.getEncoder().encodeToString(latin1);
    assertThat(server.get("/v2/", "Authorization", basic).statusCode()).isEqualTo(401);
  }

  private static HttpResponse<String> post(String form) throws Exception {
    return server
        .client()
        .send(
            HttpRequest.newBuilder(server.uri("/v2/token"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form))
                .build(),
            HttpResponse.BodyHandlers.ofString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"Basic", "Basic !", "Basic eA==", "Digest a=b", "Bearer", "x", "Bearer a b"})
  void malformedAuthorizationIsRefusedEverywhere(String header) {
    for (String path : List.of("/v2/", "/v2/public/app/manifests/v1", "/v2/token", "/metrics")) {
      HttpResponse<byte[]> answer = server.get(path, "Authorization", header);
      assertThat(answer.statusCode()).as(path).isEqualTo(401);
      assertThat(text(answer)).contains("UNAUTHORIZED");
      assertThat(challenge(answer)).isNotEmpty();
    }
  }

  @Test
  void errorsCarryARequestId() {
    assertThat(get("/v2/team/app/tags/list", "-").headers().firstValue("X-Request-Id")).isPresent();
  }
}
