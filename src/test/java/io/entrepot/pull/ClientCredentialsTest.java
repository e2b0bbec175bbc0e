package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.boot.TestServer;
import io.entrepot.fixture.Background;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.FakeTokenService;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Gate;
import io.entrepot.fixture.Recorded;
import io.entrepot.fixture.TestClock;
import io.entrepot.oci.Digest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An upstream's own word for each client (S5, S6, S31). Alice and Ben may pull one/team/app,
 * Mallory may not, though his login is right. The upstream two has other users, and a host of its
 * own.
 */
class ClientCredentialsTest {
  private static final String TYPE = "application/vnd.oci.image.manifest.v1+json";
  private static final Pattern TOKEN = Pattern.compile("\"token\":\"([^\"]+)\"");
  private static final byte[] IMAGE = "{\"schemaVersion\":2,\"layers\":[]}".getBytes(UTF_8);
  private static final Duration GRANT = Duration.ofMinutes(5);

  @TempDir static Path folder;
  private static final TestClock clock = new TestClock();
  private static FakeRegistry one;
  private static FakeTokenService tokens;
  private static FakeRegistry two;
  private static TestServer server;
  private static Digest blob;
  private static Digest manifest;

  @BeforeAll
  static void start() {
    one = FakeRegistry.start();
    blob = one.putBlob("team/app", "private bytes".getBytes(UTF_8));
    manifest = one.putManifest("team/app", "v1", TYPE, IMAGE);
    one.putBlob("open/app", "public bytes".getBytes(UTF_8));
    one.putManifest("open/app", "v1", TYPE, IMAGE);
    tokens = one.requireTokens().clock(clock).expiresIn(Duration.ofMinutes(1));
    List.of("alice", "ben", "mallory").forEach(user -> tokens.user(user, user + "-password"));
    tokens.restrict("team/app", "alice", "ben").restrict("team/none", "alice", "ben");
    two = FakeRegistry.start();
    two.putManifest("lab/app", "v1", TYPE, IMAGE);
    two.requireBasic("lena", "lena-password");
    server =
        new TestServer.Builder(folder, one.uri())
            .clock(clock)
            .set("proxy.name", "one")
            .set("proxy.clientcredentials", "true")
            .set("upstreams.names", "two")
            .set("upstreams.two.url", two.uri().toString())
            .set("upstreams.two.clientcredentials", "true")
            .set("upstreams.two.hosts", "localhost")
            .set("access", "anonymous pull,view **")
            .start();
  }

  @AfterAll
  static void stop() {
    server.close();
    one.close();
    two.close();
  }

  /** Nothing of the tests before counts: neither grants nor failed logins. */
  @BeforeEach
  void forget() {
    clock.advance(GRANT.plusMinutes(1));
    tokens.hides(false);
    one.clearFaults();
    one.clearRequests();
    two.clearRequests();
  }

  private static String basic(String user, String password) {
    return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(UTF_8));
  }

  private static HttpResponse<byte[]> send(String method, String path, String user) {
    return user.equals("-")
        ? server.send(method, path)
        : server.send(method, path, "Authorization", basic(user, user + "-password"));
  }

  private static HttpResponse<byte[]> get(String path, String user) {
    return send("GET", path, user);
  }

  private static String text(HttpResponse<byte[]> answer) {
    return new String(answer.body(), UTF_8);
  }

  private static String status(HttpResponse<byte[]> answer) {
    return answer.headers().firstValue("Cache-Status").orElse("");
  }

  /** All headers but those that differ in each answer. */
  private static Map<String, List<String>> headers(HttpResponse<byte[]> answer) {
    Map<String, List<String>> headers = new TreeMap<>(answer.headers().map());
    headers.remove("x-request-id");
    headers.remove("date");
    return headers;
  }

  /** What the registry itself was asked, without requests for tokens. */
  private static List<Recorded> questions() {
    return one.requests(Recorded.token().negate());
  }

  private static void pull(String user) {
    assertThat(get("/v2/team/app/manifests/v1", user).statusCode()).isEqualTo(200);
    assertThat(get("/v2/team/app/blobs/" + blob, user).statusCode()).isEqualTo(200);
  }

  @Test
  void twoUsersOfOneCachedImageCostOneQuestionEachAndNoDownload() {
    pull("alice");
    one.clearRequests();

    for (String user : List.of("ben", "alice")) {
      HttpResponse<byte[]> image = get("/v2/team/app/manifests/v1", user);
      HttpResponse<byte[]> bytes = get("/v2/team/app/blobs/" + blob, user);
      HttpResponse<byte[]> byDigest = get("/v2/team/app/manifests/" + manifest, user);

      assertThat(image.body()).isEqualTo(IMAGE);
      assertThat(bytes.body()).isEqualTo("private bytes".getBytes(UTF_8));
      assertThat(status(bytes)).startsWith("entrepot; hit");
      assertThat(status(byDigest)).startsWith("entrepot; hit");
      assertThat(questions()).extracting(Recorded::method).containsExactly("HEAD");
      one.clearRequests();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "manifests/v1",
        "manifests/MAN",
        "blobs/BLOB",
        "tags/list",
        "referrers/MAN",
        "referrers/MAN?artifactType=x"
      })
  void whatAliceMayPullIsForOthersLikeWhatDoesNotExist(String path) {
    pull("alice");
    get("/v2/team/app/tags/list", "alice");
    get("/v2/team/app/referrers/" + manifest, "alice");
    String asked = path.replace("MAN", manifest.toString()).replace("BLOB", blob.toString());
    boolean byHead = !path.contains("list") && !path.contains("referrers");

    for (String user : List.of("mallory", "-")) {
      int status = user.equals("-") ? 401 : 403;
      HttpResponse<byte[]> here = get("/v2/team/app/" + asked, user);
      HttpResponse<byte[]> nowhere = get("/v2/team/none/" + asked, user);
      assertThat(here.statusCode()).isEqualTo(status);
      assertThat(nowhere.statusCode()).isEqualTo(status);
      assertThat(text(here)).isEqualTo(text(nowhere)).doesNotContain("private", "layers");
      if (user.equals("mallory")) { // a challenge names the repository that was asked for
        assertThat(headers(here)).isEqualTo(headers(nowhere));
      }
      if (byHead) {
        assertThat(send("HEAD", "/v2/team/app/" + asked, user).statusCode()).isEqualTo(status);
      }
      assertThat(here.headers().firstValue("WWW-Authenticate").isPresent())
          .isEqualTo(user.equals("-"));
    }
    String wrong = basic("alice", "mallory-password");
    assertThat(server.get("/v2/team/app/" + asked, "Authorization", wrong).statusCode())
        .isEqualTo(401);
    assertThat(get("/v2/team/app/" + asked, "alice").statusCode()).isEqualTo(200);
  }

  @Test
  void aRangeAndAConditionTellNothingEither() {
    pull("alice");
    String path = "/v2/team/app/blobs/" + blob;
    String mallory = basic("mallory", "mallory-password");

    for (String[] more :
        List.of(
            new String[] {"Range", "bytes=0-3"},
            new String[] {"Range", "bytes=99999-"},
            new String[] {"If-None-Match", "\"" + blob + "\""})) {
      assertThat(server.get(path, "Authorization", mallory, more[0], more[1]).statusCode())
          .isEqualTo(403);
    }
  }

  @Test
  void aFillUnderWayIsJoinedOnlyByThoseWhoMayPull() throws InterruptedException {
    Digest large = one.putBlob("team/app", new byte[300_000]);
    String path = "/v2/team/app/blobs/" + large;
    Gate gate = one.hold(large, 100_000);
    CompletableFuture<HttpResponse<byte[]>> alice = Background.supply(() -> get(path, "alice"));
    gate.awaitReached();

    assertThat(get(path, "mallory").statusCode()).isEqualTo(403);
    assertThat(get(path, "-").statusCode()).isEqualTo(401);
    // What comes first is here already, so that Ben need not wait for the end.
    assertThat(
            server
                .get(path, "Authorization", basic("ben", "ben-password"), "Range", "bytes=0-999")
                .body())
        .hasSize(1000);

    gate.release();
    assertThat(alice.join().body()).hasSize(300_000);
    assertThat(one.blobGets(large)).hasSize(1);
  }

  @Test
  void aNotFoundForOneForgetsNothingOfAnother() {
    pull("alice");
    tokens.hides(true);

    assertThat(get("/v2/team/app/manifests/v1", "mallory").statusCode()).isEqualTo(404);
    assertThat(get("/v2/team/app/blobs/" + blob, "mallory").statusCode()).isEqualTo(404);

    assertThat(get("/v2/team/app/manifests/v1", "alice").statusCode()).isEqualTo(200);
    one.inject(Recorded.manifest("v1"), Fault.status(503), FakeRegistry.ALWAYS);
    HttpResponse<byte[]> older = get("/v2/team/app/manifests/v1", "alice");
    assertThat(older.statusCode()).isEqualTo(200);
    assertThat(older.headers().firstValue("Warning")).isPresent();
    assertThat(get("/v2/team/app/manifests/v1", "ben").statusCode()).isGreaterThanOrEqualTo(500);
  }

  @Test
  void anUpstreamThatIsDownSaysNothingToWhoseGrantHasEnded() {
    pull("alice");
    one.inject(request -> true, Fault.status(503), FakeRegistry.ALWAYS);

    assertThat(get("/v2/team/app/blobs/" + blob, "alice").statusCode()).isEqualTo(200);
    clock.advance(GRANT);
    for (String path : List.of("blobs/" + blob, "manifests/" + manifest, "manifests/v1")) {
      assertThat(get("/v2/team/app/" + path, "alice").statusCode()).isGreaterThanOrEqualTo(500);
    }
  }

  @Test
  void aRefusalEndsAGrant() {
    pull("alice");
    tokens.restrict("team/app", "ben").revokeAll();
    try {
      assertThat(get("/v2/team/app/manifests/v1", "alice").statusCode()).isEqualTo(403);
      assertThat(get("/v2/team/app/blobs/" + blob, "alice").statusCode()).isEqualTo(403);
    } finally {
      tokens.restrict("team/app", "alice", "ben");
    }
  }

  @Test
  void whoHasNoLoginPullsWhatTheUpstreamGivesEverybody() {
    assertThat(get("/v2/open/app/manifests/v1", "-").statusCode()).isEqualTo(200);
    one.clearRequests();
    assertThat(get("/v2/open/app/manifests/" + manifest, "-").statusCode()).isEqualTo(200);
    assertThat(questions()).isEmpty();
  }

  private static HttpResponse<byte[]> token(String user, String password, String scope) {
    return server.get("/v2/token?service=x" + scope, "Authorization", basic(user, password));
  }

  @Test
  void aTokenHasThePasswordEncrypted() {
    HttpResponse<byte[]> given =
        token("alice", "alice-password", "&scope=repository:team/app:pull");
    assertThat(given.statusCode()).isEqualTo(200);
    assertThat(one.requests()).isEmpty();
    Matcher token = TOKEN.matcher(text(given));
    assertThat(token.find()).isTrue();
    String claims =
        new String(Base64.getUrlDecoder().decode(token.group(1).split("\\.", -1)[1]), UTF_8);
    assertThat(claims)
        .doesNotContain("alice-password")
        .doesNotContain(Base64.getUrlEncoder().encodeToString("alice-password".getBytes(UTF_8)));

    String bearer = "Bearer " + token.group(1);
    assertThat(server.get("/v2/team/app/manifests/v1", "Authorization", bearer).statusCode())
        .isEqualTo(200);
    assertThat(server.get("/v2/open/app/manifests/v1", "Authorization", bearer).statusCode())
        .isEqualTo(401);
    one.clearRequests();
    pull("alice"); // her password is known by the token
    assertThat(one.tokenRequests()).isEmpty();
  }

  @Test
  void aLoginIsAskedOfTheUpstream() {
    assertThat(get("/v2/", "-").statusCode()).isEqualTo(401);
    assertThat(get("/v2/", "mallory").statusCode()).isEqualTo(200);
    assertThat(token("ben", "ben-password", "").statusCode()).isEqualTo(200);
    for (String password : List.of("wrong", "", "ben-password ")) {
      assertThat(token("ben", password, "").statusCode()).isEqualTo(401);
      assertThat(server.get("/v2/", "Authorization", basic("ben", password)).statusCode())
          .isEqualTo(401);
    }
    // Wrong passwords of clients say nothing of the upstreams.
    assertThat(text(server.get("/api/health"))).contains("\"degraded\":[]").doesNotContain("ben");
  }

  @Test
  void whoGuessesPasswordsReachesTheUpstreamNoMore() {
    pull("ben");
    for (int i = 0; i < 10; i++) {
      String guess = basic("alice", "guess" + i);
      assertThat(server.get("/v2/team/app/manifests/v1", "Authorization", guess).statusCode())
          .isEqualTo(401);
    }
    one.clearRequests();

    assertThat(get("/v2/team/app/manifests/v1", "alice").statusCode()).isEqualTo(429);
    assertThat(token("alice", "alice-password", "").statusCode()).isEqualTo(429);
    assertThat(one.requests()).isEmpty();
    assertThat(get("/v2/team/app/manifests/v1", "ben").statusCode()).isEqualTo(200);
  }

  @Test
  void listsShowARepositoryOnlyToWhomTheUpstreamHasGivenIt() {
    pull("alice");

    for (String path : List.of("/v2/_catalog", "/api/repositories?n=100")) {
      assertThat(text(get(path, "alice"))).contains("team/app");
      assertThat(text(get(path, "mallory"))).doesNotContain("team/app");
      assertThat(text(get(path, "-"))).doesNotContain("team/app");
    }
    assertThat(text(get("/api/explain?reference=team/app:v1", "alice")))
        .contains("given to those to whom the upstream gives it");
    assertThat(get("/api/explain?reference=team/app:v1", "mallory").body())
        .isEqualTo(
            text(get("/api/explain?reference=team/none:v1", "mallory"))
                .replace("team/none", "team/app")
                .getBytes(UTF_8));
  }

  @Test
  void aPasswordIsForTheUpstreamOfItsHostAlone() {
    String alice = basic("alice", "alice-password");
    String lena = basic("lena", "lena-password");

    assertThat(server.get("/v2/two/lab/app/manifests/v1", "Authorization", alice).statusCode())
        .isEqualTo(401);
    assertThat(server.get("/v2/two/lab/app/manifests/v1", "Authorization", lena).statusCode())
        .isEqualTo(401);
    assertThat(two.requests()).allMatch(request -> request.header("Authorization") == null);

    assertThat(
            server
                .getFrom("localhost", "/v2/lab/app/manifests/v1", "Authorization", lena)
                .statusCode())
        .isEqualTo(200);
    one.clearRequests();
    assertThat(
            server
                .getFrom("localhost", "/v2/team/app/manifests/v1?ns=one", "Authorization", lena)
                .statusCode())
        .isEqualTo(401);
    assertThat(one.requests()).noneMatch(request -> lena.equals(request.header("Authorization")));
  }
}
