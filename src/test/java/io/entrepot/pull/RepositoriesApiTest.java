package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.entrepot.boot.TestServer;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.SampleImage;
import io.entrepot.fixture.TestClock;
import io.entrepot.oci.Digest;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code /api/repositories} tells of what is held. No answer asks an upstream. */
class RepositoriesApiTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int SHARED = 30_000;
  private static final int OWN = 200_000;

  @TempDir static Path folder;
  private static FakeRegistry upstream;
  private static FakeRegistry lab;
  private static TestServer server;
  private static SampleImage image;

  /** Three repositories: one with a whole image, one with a large blob, one of another upstream. */
  @BeforeAll
  static void pull() {
    upstream = FakeRegistry.start();
    lab = FakeRegistry.start();
    image = SampleImage.in(upstream, "team/app");
    TestClock clock = new TestClock();
    clock.advance(Duration.between(clock.instant(), Instant.now())); // leases use the system's time
    server =
        new TestServer.Builder(folder, upstream.uri())
            .clock(clock)
            .set("proxy.name", "hub.example")
            .set("upstreams.names", "lab")
            .set("upstreams.lab.url", lab.uri().toString())
            .set("proxy.ttl", "24h")
            .set("proxy.revalidate", "1h")
            .set("expiry.pins", "team/app:v3")
            .start();
    get("/v2/team/app/manifests/v3");
    get("/v2/team/app/manifests/" + image.signature());
    image.manifests().keySet().forEach(digest -> get("/v2/team/app/manifests/" + digest));
    image.blobs().keySet().stream().limit(3).forEach(digest -> get("/v2/team/app/blobs/" + digest));
    clock.advance(Duration.ofMinutes(1));
    Digest own = upstream.putBlob("team/large", BlobBench.random(OWN));
    get("/v2/team/large/blobs/" + own);
    Digest shared = upstream.putBlob("team/large", BlobBench.random(SHARED));
    lab.putBlob("x/y", BlobBench.random(SHARED));
    get("/v2/team/large/blobs/" + shared);
    clock.advance(Duration.ofMinutes(1));
    get("/v2/lab/x/y/blobs/" + shared);
    upstream.clearRequests();
    lab.clearRequests();
  }

  @AfterAll
  static void stop() {
    assertThat(upstream.requests()).isEmpty();
    assertThat(lab.requests()).isEmpty();
    server.close();
    upstream.close();
    lab.close();
  }

  private static void get(String path) {
    assertThat(server.get(path).statusCode()).as(path).isEqualTo(200);
    // A blob is linked after its clients have their last byte.
    await().until(() -> server.stats().contains("\"fillsInFlight\":0"));
  }

  private static JsonNode json(String path) throws IOException {
    HttpResponse<byte[]> answer = server.get(path);
    assertThat(answer.statusCode()).as(new String(answer.body(), UTF_8)).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
    return JSON.readTree(answer.body());
  }

  private static List<String> names(String query) throws IOException {
    List<String> names = new ArrayList<>();
    json("/api/repositories" + query)
        .get("repositories")
        .forEach(repository -> names.add(repository.get("name").asText()));
    return names;
  }

  @Test
  void repositoryHasItsBytesTagsAndNextExpiry() throws IOException {
    JsonNode large = json("/api/repositories?q=large").get("repositories").get(0);
    assertThat(large.get("name").asText()).isEqualTo("team/large");
    assertThat(large.get("upstream").asText()).isEqualTo("hub.example");
    assertThat(large.get("digests").asLong()).isEqualTo(2);
    assertThat(large.get("bytes").asLong()).isEqualTo(OWN + SHARED);
    assertThat(large.get("ownBytes").asLong()).isEqualTo(OWN);
    assertThat(large.get("sharedBytes").asLong()).isEqualTo(SHARED);
    assertThat(large.get("tags").asLong()).isZero();
    assertThat(large.get("lastUsed").asText()).endsWith("Z");
    assertThat(large.get("nextExpiry").asText()).isGreaterThan(large.get("lastUsed").asText());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "none",
      value = {
        "none                       | team/app,team/large,lab/x/y",
        "?sort=name&n=5000          | team/app,team/large,lab/x/y",
        "?sort=size                 | team/large,team/app,lab/x/y",
        "?sort=size&last=team/large | team/app,lab/x/y",
        "?sort=used                 | lab/x/y,team/large,team/app",
        "?sort=used&last=lab/x/y    | team/large,team/app",
        "?upstream=lab              | lab/x/y",
        "?q=ar                      | team/large",
        "?q=m/l&sort=size           | team/large",
        "?q=e%25m                   | none",
        "?last=team/b               | team/large,lab/x/y",
      })
  void listsAreSortedAndFiltered(String query, String wanted) throws IOException {
    String all = String.join(",", names(query == null ? "" : query));
    assertThat(all).isEqualTo(wanted == null ? "" : wanted);
  }

  @Test
  void pagesFollowOneAnother() throws IOException {
    for (String sort : List.of("name", "size", "used")) {
      List<String> found = new ArrayList<>();
      JsonNode page = json("/api/repositories?n=1&sort=" + sort);
      found.add(page.get("repositories").get(0).get("name").asText());
      while (!page.get("next").isNull()) {
        String last = "&last=" + page.get("next").asText();
        page = json("/api/repositories?n=1&sort=" + sort + last);
        found.add(page.get("repositories").get(0).get("name").asText());
      }
      assertThat(found).as(sort).isEqualTo(names("?sort=" + sort));
    }
  }

  @Test
  void tagHasItsPlatformsAndWhatIsMissingOfThem() throws IOException {
    JsonNode app = json("/api/repositories/team/app");
    assertThat(app.get("name").asText()).isEqualTo("team/app");
    assertThat(app.get("tags").asInt()).isEqualTo(1);
    JsonNode tag = app.get("tagDetails").get(0);
    assertThat(tag.get("tag").asText()).isEqualTo("v3");
    assertThat(tag.at("/rule/pins/0").asText()).isEqualTo("team/app:v3");
    assertThat(tag.at("/cache/digest").asText()).isEqualTo(image.index().toString());
    assertThat(tag.at("/cache/state").asText()).isEqualTo("fresh");
    assertThat(tag.at("/history/0/digest").asText()).isEqualTo(image.index().toString());
    JsonNode first = tag.at("/cache/contents/manifests/0");
    JsonNode second = tag.at("/cache/contents/manifests/1");
    assertThat(first.get("platform").asText()).isEqualTo("linux/amd64");
    assertThat(first.get("blobsHere").asInt()).isEqualTo(3);
    assertThat(first.get("missingBytes").asLong()).isEqualTo(20_000);
    assertThat(second.get("platform").asText()).isEqualTo("linux/arm64");
    assertThat(second.get("blobsHere").asInt()).isZero();
    assertThat(app.get("next").isNull()).isTrue();
  }

  @Test
  void repositoryIsFoundByEachOfItsNames() throws IOException {
    for (String name : List.of("hub.example/team/app", "team/app?ns=hub.example")) {
      JsonNode app = json("/api/repositories/" + name);
      assertThat(app.get("name").asText()).isEqualTo("team/app");
      assertThat(app.at("/tagDetails/0/tag").asText()).isEqualTo("v3");
    }
    assertThat(json("/api/repositories/lab/x/y").get("upstream").asText()).isEqualTo("lab");
    assertThat(json("/api/repositories/x/y?ns=lab").get("name").asText()).isEqualTo("lab/x/y");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/none/such          | 404 | nothing of none/such is here",
        "/TEAM               | 400 | not a repository name",
        "/x/y?ns=unknown     | 404 | not an upstream of this cache",
        "/team/app?n=0       | 400 | a page has at least one entry",
        "?n=x                | 400 | not a number",
        "?n=0                | 400 | a page has at least one entry",
        "?sort=colour        | 400 | write name, size or used",
        "?upstream=none      | 404 | its upstreams are hub.example, lab",
        "?last=-             | 400 | not a repository name",
      })
  void wrongQuestionsGetASentence(String query, int status, String sentence) throws IOException {
    HttpResponse<byte[]> answer = server.get("/api/repositories" + query);
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    JsonNode problem = JSON.readTree(answer.body());
    assertThat(problem.get("status").asInt()).isEqualTo(status);
    assertThat(problem.get("title").asText()).isNotEmpty();
    assertThat(problem.get("detail").asText()).contains(sentence);
  }
}
