package io.entrepot.upstream.registry;

import static io.entrepot.upstream.registry.Bench.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.fixture.Recorded;
import io.entrepot.fixture.Reply;
import io.entrepot.oci.Cost;
import io.entrepot.oci.RepositoryName;
import io.entrepot.upstream.UpstreamException.Failure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Realms of many kinds: one for each repository, and challenges that come late. */
@Timeout(60)
class RealmTest extends RealmFixture {
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
