package io.entrepot.upstream.registry;

import static io.entrepot.upstream.registry.Bench.assertFails;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.fixture.Content;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Recorded;
import io.entrepot.fixture.Reply;
import io.entrepot.fixture.ScriptedServer;
import io.entrepot.oci.Cost;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.auth.TrustedRealm;
import io.entrepot.upstream.credentials.CredentialSource;
import io.entrepot.upstream.credentials.Credentials;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Realms of many kinds: one for each repository, some that redirect, and challenges that come late.
 */
@Timeout(60)
class RealmTest {
  private static final byte[] BYTES = "bytes".getBytes(UTF_8);
  private static final Digest DIGEST = Digest.ofBytes(Digest.Algorithm.SHA256, BYTES);
  private static final RepositoryName A = RepositoryName.of("team-a/app");
  private static final RepositoryName B = RepositoryName.of("team-b/app");
  private static final Credentials ANN = new Credentials.Password("ann", "hunter2");

  private final Bench bench = new Bench(FakeRegistry.start());
  private @Nullable ScriptedServer server;
  private @Nullable ScriptedServer elsewhere;

  @AfterEach
  void close() {
    bench.close();
    if (server != null) {
      server.close();
    }
    if (elsewhere != null) {
      elsewhere.close();
    }
  }

  private HttpRegistry upstream(Function<Recorded, Reply> answers) {
    return upstream(answers, options -> options);
  }

  private HttpRegistry upstream(
      Function<Recorded, Reply> answers, UnaryOperator<RegistryOptions> change) {
    ScriptedServer started = ScriptedServer.start(answers);
    server = started;
    return bench.upstream(options -> change.apply(options.wire(wire -> wire.at(started.uri()))));
  }

  private static UnaryOperator<RegistryOptions> with(Credentials credentials) {
    return options -> options.auth(a -> a.withCredentials(CredentialSource.of(credentials)));
  }

  private byte[] fetch(HttpRegistry upstream, RepositoryName repository) throws Exception {
    return Bench.fetch(upstream, repository, DIGEST, new Cost());
  }

  private List<String> lines() {
    List<String> lines = server().lines();
    server().clearRequests();
    return lines;
  }

  private ScriptedServer server() {
    ScriptedServer now = server;
    if (now == null) {
      throw new IllegalStateException("not started");
    }
    return now;
  }

  private static Reply blob() {
    return Reply.of(200, Content.of(BYTES));
  }

  private Reply challenge(String realm, String scope) {
    return Reply.error(401, "UNAUTHORIZED", "token, please")
        .header(
            "WWW-Authenticate",
            "Bearer realm=\"" + realm + "\",service=\"s\",scope=\"" + scope + "\"");
  }

  private static Reply token(String token) {
    return Reply.json(200, "{\"token\":\"" + token + "\",\"expires_in\":300}");
  }

  private static boolean has(Recorded request, String token) {
    return ("Bearer " + token).equals(request.header("Authorization"));
  }

  /** Artifactory: the realm has the name of the repository in its path. */
  private Reply artifactory(Recorded request, Reply ofAnother) {
    String[] parts = request.path().split("/", -1);
    if (request.path().startsWith("/api/docker/")) {
      boolean own = String.valueOf(request.query()).contains("repository%3A" + parts[3] + "%2F");
      return own ? token("T-" + parts[3]) : ofAnother;
    }
    return has(request, "T-" + parts[2])
        ? blob()
        : challenge(
            server().uri() + "/api/docker/" + parts[2] + "/v2/token",
            "repository:" + parts[2] + "/app:pull");
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 403, 404, 500, 503})
  void realmOfAnotherRepositoryThatFailsIsReplacedByItsOwn(int status) throws Exception {
    HttpRegistry upstream =
        upstream(request -> artifactory(request, Reply.error(status, "DENIED", "not mine")));

    fetch(upstream, A);
    lines();
    assertThat(fetch(upstream, B)).isEqualTo(BYTES);

    assertThat(lines())
        .containsExactly(
            "GET /api/docker/team-a/v2/token -> " + status,
            "GET /v2/team-b/app/blobs/" + DIGEST + " -> 401",
            "GET /api/docker/team-b/v2/token -> 200",
            "GET /v2/team-b/app/blobs/" + DIGEST + " -> 200");
    fetch(upstream, B);
    assertThat(lines()).containsExactly("GET /v2/team-b/app/blobs/" + DIGEST + " -> 200");
  }

  @Test
  void whereRealmsDifferTheRealmOfAThirdRepositoryIsNotGuessed() throws Exception {
    HttpRegistry upstream =
        upstream(request -> artifactory(request, Reply.error(403, "DENIED", "not mine")));
    fetch(upstream, A);
    fetch(upstream, B);
    lines();

    fetch(upstream, RepositoryName.of("team-c/app"));

    assertThat(lines())
        .containsExactly(
            "GET /v2/team-c/app/blobs/" + DIGEST + " -> 401",
            "GET /api/docker/team-c/v2/token -> 200",
            "GET /v2/team-c/app/blobs/" + DIGEST + " -> 200");
  }

  @Test
  void tokenOfAnotherRealmThatIsRefusedIsReplacedToo() throws Exception {
    HttpRegistry upstream = upstream(request -> artifactory(request, token("worthless")));

    fetch(upstream, A);

    assertThat(fetch(upstream, B)).isEqualTo(BYTES);
  }

  @Test
  void guessThatFailsIsNotRepeatedWhereItWasRight() throws Exception {
    HttpRegistry upstream =
        upstream(
            request -> {
              if (request.path().equals("/token")) {
                boolean first = String.valueOf(request.query()).contains("team-a");
                return first ? token("T") : Reply.error(503, "DOWN", "down");
              }
              boolean allowed = has(request, "T") && request.path().contains("team-a");
              return allowed ? blob() : challenge(server().uri() + "/token", scope(request));
            });
    fetch(upstream, A);
    lines();

    assertFails(Failure.UNREACHABLE, () -> fetch(upstream, B))
        .hasMessageContaining("/token failed: 503");

    assertThat(lines())
        .containsExactly("GET /token -> 503", "GET /v2/team-b/app/blobs/" + DIGEST + " -> 401");
  }

  private static String scope(Recorded request) {
    String[] parts = request.path().split("/", -1);
    return "repository:" + parts[2] + "/" + parts[3] + ":pull";
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 307, 308})
  void realmThatRedirectsIsFollowedWithTheCredentials(int status) throws Exception {
    HttpRegistry upstream =
        upstream(
            request ->
                switch (request.path()) {
                  case "/token" -> redirect(status, "/auth/token?" + request.query());
                  case "/auth/token" -> token("T");
                  default ->
                      has(request, "T")
                          ? blob()
                          : challenge(server().uri() + "/token", scope(request));
                },
            with(ANN));

    assertThat(fetch(upstream, A)).isEqualTo(BYTES);

    Recorded last = last("/auth/token");
    assertThat(last.header("Authorization")).startsWith("Basic ");
    assertThat(last.query()).isEqualTo("service=s&scope=repository%3Ateam-a%2Fapp%3Apull");
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 307, 308})
  void postToARealmThatRedirectsStaysAPost(int status) throws Exception {
    HttpRegistry upstream =
        upstream(
            request ->
                switch (request.path()) {
                  case "/token" -> redirect(status, "/auth/token");
                  case "/auth/token" ->
                      request.method().equals("POST")
                          ? token("T")
                          : Reply.error(405, "NO", "POST only");
                  default ->
                      has(request, "T")
                          ? blob()
                          : challenge(server().uri() + "/token", scope(request));
                },
            with(new Credentials.IdentityToken("refresh-secret")));

    assertThat(fetch(upstream, A)).isEqualTo(BYTES);

    assertThat(last("/auth/token").body()).contains("refresh_token=refresh-secret");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void credentialsFollowARealmsRedirectOnlyToATrustedRealm(boolean trusted) throws Exception {
    ScriptedServer other = ScriptedServer.start(request -> token("T"));
    elsewhere = other;
    HttpRegistry upstream =
        upstream(
            request ->
                request.path().equals("/token")
                    ? redirect(307, other.uri() + "/auth?" + request.query())
                    : has(request, "T")
                        ? blob()
                        : challenge(server().uri() + "/token", scope(request)),
            options ->
                with(ANN)
                    .apply(options)
                    .auth(
                        auth ->
                            trusted
                                ? auth.withTrustedRealms(
                                    List.of(TrustedRealm.parse(other.uri() + "/auth")))
                                : auth));

    assertThat(fetch(upstream, A)).isEqualTo(BYTES);

    assertThat(other.requests())
        .singleElement()
        .satisfies(r -> assertThat(r.header("Authorization") != null).isEqualTo(trusted));
  }

  @Test
  void identityTokenDoesNotFollowARedirectToAnotherOrigin() {
    ScriptedServer other = ScriptedServer.start(request -> token("T"));
    elsewhere = other;
    HttpRegistry upstream =
        upstream(
            request ->
                request.path().equals("/token")
                    ? redirect(308, other.uri() + "/auth")
                    : challenge(server().uri() + "/token", scope(request)),
            with(new Credentials.IdentityToken("refresh-secret")));

    assertFails(Failure.DENIED, () -> fetch(upstream, A));

    assertThat(other.requests())
        .allSatisfy(
            r -> {
              assertThat(r.method()).isEqualTo("GET");
              assertThat(r.body()).isEmpty();
              assertThat(r.header("Authorization")).isNull();
            });
  }

  @Test
  void realmThatRedirectsInARingIsInvalid() {
    HttpRegistry upstream =
        upstream(
            request ->
                request.path().equals("/token")
                    ? redirect(307, "/token")
                    : challenge(server().uri() + "/token", scope(request)));

    assertFails(Failure.INVALID, () -> fetch(upstream, A))
        .hasMessageContaining("the realm redirects too often");
    assertThat(server().lines()).hasSize(7);
  }

  private static Reply redirect(int status, String location) {
    return Reply.of(status, Content.of(new byte[0])).header("Location", location);
  }

  private Recorded last(String path) {
    List<Recorded> all = server().requests().stream().filter(Recorded.path(path)).toList();
    return all.get(all.size() - 1);
  }

  /** The registry hides what is private, and was down when the cache was deployed. */
  @ParameterizedTest
  @ValueSource(ints = {404, 403, 401})
  void beforeAFirstNoIsBelievedTheRegistryIsAskedForAChallenge(int status) throws Exception {
    HttpRegistry upstream =
        upstream(
            request ->
                switch (request.path()) {
                  case "/token" -> token("T");
                  case "/v2/" -> challenge(server().uri() + "/token", "");
                  default -> has(request, "T") ? blob() : Reply.error(status, "UNKNOWN", "no");
                },
            with(ANN));

    assertThat(fetch(upstream, A)).isEqualTo(BYTES);

    assertThat(lines())
        .containsExactly(
            "GET /v2/team-a/app/blobs/" + DIGEST + " -> " + status,
            "GET /v2/ -> 401",
            "GET /token -> 200",
            "GET /v2/team-a/app/blobs/" + DIGEST + " -> 200");
  }

  @Test
  void passwordIsLearnedLateToo() throws Exception {
    HttpRegistry upstream =
        upstream(
            request -> {
              if (request.path().equals("/v2/")) {
                return Reply.error(401, "UNAUTHORIZED", "no")
                    .header("WWW-Authenticate", "Basic realm=\"r\"");
              }
              boolean known = request.header("Authorization") != null;
              return known ? blob() : Reply.error(404, "NAME_UNKNOWN", "no");
            },
            with(ANN));

    assertThat(fetch(upstream, A)).isEqualTo(BYTES);
  }

  @Test
  void registryThatMakesNoDemandIsAskedOnce() throws Exception {
    HttpRegistry upstream =
        upstream(
            request ->
                request.path().equals("/v2/")
                    ? Reply.json(200, "{}")
                    : Reply.error(404, "BLOB_UNKNOWN", "no"));

    assertFails(Failure.NOT_FOUND, () -> fetch(upstream, A));
    assertFails(Failure.NOT_FOUND, () -> fetch(upstream, B));

    assertThat(lines().stream().filter(line -> line.startsWith("GET /v2/ "))).hasSize(1);
  }

  @Test
  void firstNotFoundIsNotBelievedWhileTheRegistryCannotBeAsked() throws Exception {
    HttpRegistry upstream =
        upstream(
            request ->
                request.path().equals("/v2/")
                    ? Reply.error(503, "DOWN", "down")
                    : Reply.error(404, "BLOB_UNKNOWN", "no"));

    assertFails(Failure.UNREACHABLE, () -> fetch(upstream, A)).hasMessageContaining("503");
  }

  /** Azure: another right for the list of tags than for content. */
  @Test
  void rightForListsIsKeptBesideTheRightForContent() throws Exception {
    HttpRegistry upstream =
        upstream(
            request -> {
              boolean list = request.path().endsWith("/tags/list");
              if (request.path().equals("/token")) {
                return token(String.valueOf(request.query()).contains("metadata") ? "L" : "C");
              }
              String right = list ? "metadata_read" : "pull";
              return has(request, list ? "L" : "C")
                  ? list ? Reply.json(200, "{\"tags\":[\"v1\"]}") : blob()
                  : challenge(server().uri() + "/token", "repository:team-a/app:" + right);
            });
    fetch(upstream, A);
    upstream.listTags(A, "", new Cost());
    lines();

    fetch(upstream, A);
    upstream.listTags(A, "", new Cost());
    fetch(upstream, A);

    assertThat(lines()).hasSize(3).allMatch(line -> line.endsWith(" -> 200"));
  }
}
