package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.boot.TestServer;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.oci.Digest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two upstreams whose names meet: the default one, {@code acme}, has repositories called {@code
 * acme/…} and {@code lab/…}, and the other one is called {@code lab}. Each name means one
 * repository, and what is stored of it is never served as another.
 */
class RepositoryNamesTest {
  private static final String IMAGE = "application/vnd.oci.image.manifest.v1+json";

  @TempDir Path folder;
  private FakeRegistry acme;
  private FakeRegistry lab;
  private TestServer server;

  @BeforeEach
  void start() {
    acme = FakeRegistry.start();
    lab = FakeRegistry.start();
    put(acme, "acme/app", "acme/app of acme");
    put(acme, "app", "app of acme");
    put(acme, "lab/app", "lab/app of acme");
    put(acme, "lab", "lab of acme");
    put(lab, "app", "app of lab");
    put(lab, "lab/app", "lab/app of lab");
    server = builder().start();
    awaitWarmUp();
  }

  private TestServer.Builder builder() {
    return new TestServer.Builder(folder, acme.uri())
        .set("proxy.name", "acme")
        .set("proxy.revalidate", "1h")
        .set("proxy.hosts", "acme.cache.example")
        .set("upstreams.names", "lab")
        .set("upstreams.lab.url", lab.uri().toString())
        .set("upstreams.lab.hosts", "localhost");
  }

  private void awaitWarmUp() {
    await().until(() -> !acme.requests().isEmpty() && !lab.requests().isEmpty());
    acme.clearRequests();
    lab.clearRequests();
  }

  @AfterEach
  void stop() {
    server.close();
    acme.close();
    lab.close();
  }

  private static void put(FakeRegistry registry, String repository, String content) {
    registry.putManifest(repository, "v1", IMAGE, manifest(content));
    registry.putBlob(repository, content.getBytes(UTF_8));
  }

  private static byte[] manifest(String content) {
    return "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"annotations\":{\"is\":\"%s\"}}"
        .formatted(IMAGE, content)
        .getBytes(UTF_8);
  }

  private void assertPulls(String repository, String query, String content) {
    HttpResponse<byte[]> tag = server.get("/v2/" + repository + "/manifests/v1" + query);
    assertThat(tag.statusCode()).as(repository + query).isEqualTo(200);
    assertThat(new String(tag.body(), UTF_8)).isEqualTo(new String(manifest(content), UTF_8));
    byte[] blob = content.getBytes(UTF_8);
    Digest digest = Digest.ofBytes(Digest.Algorithm.SHA256, blob);
    assertThat(server.get("/v2/" + repository + "/blobs/" + digest + query).body()).isEqualTo(blob);
  }

  /** A client has the whole blob a little before it is linked. */
  private void closeAtRest() {
    await().until(() -> server.stats().contains("\"fillsInFlight\":0"));
    server.close();
  }

  private void assertEachNameMeansItsRepository() {
    String authority = acme.uri().getAuthority();
    assertPulls("acme/app", "", "acme/app of acme");
    assertPulls("acme/app", "?ns=acme", "acme/app of acme");
    assertPulls("app", "", "app of acme");
    assertPulls("lab", "", "lab of acme");
    assertPulls("lab/app", "", "app of lab");
    assertPulls("lab/lab/app", "", "lab/app of lab");
    assertPulls("lab/app", "?ns=acme", "lab/app of acme");
    assertPulls("lab/app", "?ns=" + authority, "lab/app of acme");
    assertPulls("lab/app", "?ns=lab", "lab/app of lab");
    assertPulls("lab/app", "?ns=" + lab.uri().getAuthority(), "lab/app of lab");
    assertPulls("app", "?ns=lab", "app of lab");
    assertPulls("lab/app", "?ns=nobody.example", "app of lab");
    assertThat(server.getFrom("localhost", "/v2/lab/app/manifests/v1").body())
        .isEqualTo(manifest("lab/app of lab"));
    assertThat(server.get("/v2/app/manifests/v1?ns=nobody.example").statusCode()).isEqualTo(404);
  }

  @Test
  void eachNameMeansOneRepositoryColdAndCachedAndAfterARestart() {
    assertEachNameMeansItsRepository();
    acme.clearRequests();
    lab.clearRequests();
    assertEachNameMeansItsRepository();
    assertThat(acme.requests()).isEmpty();
    assertThat(lab.requests()).isEmpty();

    closeAtRest();
    server = builder().start();
    awaitWarmUp();
    assertEachNameMeansItsRepository();
    assertThat(acme.requests()).isEmpty();
    assertThat(lab.requests()).isEmpty();
  }

  @Test
  void blobOfARepositoryIsNoBlobOfTheOneThatIsCalledAlikeElsewhere() {
    byte[] secret = "a blob of lab/app of acme only".getBytes(UTF_8);
    Digest digest = acme.putBlob("lab/app", secret);
    assertThat(server.get("/v2/lab/app/blobs/" + digest + "?ns=acme").body()).isEqualTo(secret);
    for (String other : List.of("lab/app", "lab/lab/app", "acme/app", "app", "lab")) {
      assertThat(server.get("/v2/" + other + "/blobs/" + digest).statusCode())
          .as(other)
          .isEqualTo(404);
    }
  }

  @Test
  void tagListsBelongToTheirRepositories() {
    acme.putManifest("lab/app", "only-acme", IMAGE, manifest("other"));
    assertThat(new String(server.get("/v2/lab/app/tags/list?ns=acme").body(), UTF_8))
        .contains("only-acme");
    assertThat(new String(server.get("/v2/lab/app/tags/list").body(), UTF_8))
        .doesNotContain("only-acme");
  }

  @Test
  void rulesOfTheDefaultHoldForItsRepositoryThatIsCalledLikeAnUpstream() {
    closeAtRest();
    server = builder().set("proxy.allow", "acme/*, lab/*").start();
    awaitWarmUp();
    assertPulls("acme/app", "", "acme/app of acme");
    assertPulls("lab/app", "?ns=acme", "lab/app of acme");
    assertPulls("lab/app", "", "app of lab");
    for (String refused : List.of("lab", "app")) {
      HttpResponse<byte[]> answer = server.get("/v2/" + refused + "/manifests/v1");
      assertThat(answer.statusCode()).isEqualTo(403);
      assertThat(new String(answer.body(), UTF_8)).contains("DENIED", refused + " of acme");
    }
  }

  @Test
  void repositoriesAreListedByThePathsThatLeadToThem() {
    assertEachNameMeansItsRepository();
    assertThat(new String(server.get("/v2/_catalog").body(), UTF_8))
        .isEqualTo("{\"repositories\":[\"acme/app\",\"app\",\"lab\",\"lab/app\",\"lab/lab/app\"]}");
    HttpResponse<byte[]> page = server.get("/v2/_catalog?n=2");
    assertThat(new String(page.body(), UTF_8))
        .isEqualTo("{\"repositories\":[\"acme/app\",\"app\"]}");
    assertThat(page.headers().firstValue("Link"))
        .hasValue("</v2/_catalog?last=app&n=2>; rel=\"next\"");
    assertThat(new String(server.get("/v2/_catalog?n=2&last=app").body(), UTF_8))
        .isEqualTo("{\"repositories\":[\"lab\",\"lab/app\"]}");
    assertThat(new String(server.get("/v2/_catalog?last=lab/app").body(), UTF_8))
        .isEqualTo("{\"repositories\":[\"lab/lab/app\"]}");
  }

  /** The default's {@code new/app} is stored when an upstream called {@code new} comes. */
  @Test
  void upstreamThatIsAddedLaterIsAskedForItsOwnContent() {
    put(acme, "new/app", "new/app of acme");
    assertPulls("new/app", "", "new/app of acme");
    closeAtRest();
    lab.clearRequests();
    server =
        builder()
            .set("upstreams.names", "lab, new")
            .set("upstreams.new.url", "http://localhost:" + lab.uri().getPort())
            .start();
    awaitWarmUp();
    assertPulls("new/app", "", "app of lab");
    Digest stored = Digest.ofBytes(Digest.Algorithm.SHA256, "new/app of acme".getBytes(UTF_8));
    assertThat(server.get("/v2/new/app/blobs/" + stored).statusCode()).isEqualTo(404);
    acme.clearRequests();
    assertPulls("new/app", "?ns=acme", "new/app of acme");
    assertThat(acme.requests()).isEmpty();
  }

  @Test
  void upstreamThatIsRemovedLeavesNothingToTheDefault() {
    assertPulls("lab/app", "", "app of lab");
    closeAtRest();
    server = new TestServer.Builder(folder, acme.uri()).set("proxy.name", "acme").start();
    assertPulls("lab/app", "", "lab/app of acme");
  }

  @Test
  void headerCountsLikeTheParameter() {
    String path = "/v2/lab/app/manifests/v1";
    HttpResponse<byte[]> answer = server.get(path, "OCI-Namespace", "acme");
    assertThat(answer.body()).isEqualTo(manifest("lab/app of acme"));
    assertThat(answer.headers().firstValue("OCI-Namespace")).hasValue("acme");
    assertThat(answer.headers().firstValue("Vary")).hasValue("OCI-Namespace");
    assertThat(server.get(path).headers().firstValue("Vary")).hasValue("OCI-Namespace");
    assertThat(server.get(path + "?ns=lab.", "OCI-Namespace", "LAB").body())
        .isEqualTo(manifest("lab/app of lab"));
    HttpResponse<byte[]> list = server.get("/v2/lab/app/tags/list?n=0", "OCI-Namespace", "acme");
    assertThat(new String(list.body(), UTF_8)).contains("\"name\":\"lab/app\"");
  }

  @Test
  void parameterAndHeaderThatNameTwoRegistriesAreRefused() {
    HttpResponse<byte[]> answer =
        server.get("/v2/lab/app/manifests/v1?ns=lab", "OCI-Namespace", "acme");
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(new String(answer.body(), UTF_8)).contains("NAME_INVALID", "lab", "acme");
    assertThat(acme.requests()).isEmpty();
    assertThat(lab.requests()).isEmpty();
  }

  /** An {@code ns} that selects nothing is not confirmed to the client. */
  @Test
  void namespaceIsConfirmedOnlyWhereItWasUsed() {
    HttpResponse<byte[]> answer = server.get("/v2/lab/app/manifests/v1?ns=nobody.example");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("OCI-Namespace")).isEmpty();
  }

  @Test
  void explanationSaysWhatANameHides() {
    assertThat(new String(server.get("/api/explain?reference=lab/app:v1").body(), UTF_8))
        .contains("\"repository\":\"lab/app\"", "\"remote\":\"app\"")
        .contains("repositories of acme with such names are pulled with ns=acme");
    assertThat(new String(server.get("/api/explain?reference=acme/app:v1").body(), UTF_8))
        .contains("\"remote\":\"acme/app\"", "\"hides\":null");
    assertThat(new String(server.get("/api/explain?reference=lab/app:v1&ns=acme").body(), UTF_8))
        .contains("\"remote\":\"lab/app\"", "\"hides\":null");
  }

  @Test
  void historyOfATagIsThatOfItsRepository() {
    assertPulls("lab/app", "?ns=acme", "lab/app of acme");
    assertThat(server.get("/api/tags/lab/app/v1/history").statusCode()).isEqualTo(404);
    assertThat(server.get("/api/tags/lab/app/v1/history?ns=acme").statusCode()).isEqualTo(200);
  }
}
