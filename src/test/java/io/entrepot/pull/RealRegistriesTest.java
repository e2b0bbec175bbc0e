package io.entrepot.pull;

import static io.entrepot.pull.TagBench.detail;
import static io.entrepot.pull.TagBench.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.entrepot.boot.TestServer;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.RealRegistries;
import io.entrepot.fixture.RealRegistry;
import io.entrepot.fixture.Recorded;
import io.entrepot.fixture.SampleImage;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Json;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Pulls of a whole image through each kind of public registry. */
class RealRegistriesTest {
  private static final Pattern NEXT = Pattern.compile("<([^>]+)>; rel=\"next\"");

  @TempDir Path folder;
  private RealRegistry registry;
  private TestServer server;

  private void start(RealRegistries kind) {
    registry = kind.start();
    TestServer.Builder builder = new TestServer.Builder(folder, registry.uri());
    registry.settings().forEach(builder::set);
    server = builder.set("proxy.revalidate", "0").start();
    await().until(() -> !registry.requests().isEmpty()); // the warm-up
  }

  @AfterEach
  void stop() {
    server.close();
    registry.close();
  }

  @ParameterizedTest
  @EnumSource
  void wholeImageIsPulledColdAndWarmAndByDigestAndWithoutTheUpstream(RealRegistries kind) {
    start(kind);
    pull(SampleImage.TAG);
    registry.image().blobs().keySet().forEach(blob -> assertThat(fetches(blob)).hasSize(1));

    registry.clearRequests();
    pull(SampleImage.TAG);
    assertThat(registry.requests())
        .as("requests of a warm pull")
        .isNotEmpty()
        .allMatch(request -> request.path().endsWith("/manifests/" + SampleImage.TAG));

    registry.clearRequests();
    pull(registry.image().index().toString());
    assertThat(registry.requests()).as("requests of a pull by digest").isEmpty();

    registry.close();
    assertThat(detail(pull(SampleImage.TAG))).as("without the upstream").isEqualTo("stale");
  }

  @ParameterizedTest
  @EnumSource
  void blobThatIsHereFromAnotherUpstreamIsHadToo(RealRegistries kind) {
    registry = kind.start();
    FakeRegistry other = FakeRegistry.start();
    registry.image().blobs().values().forEach(other::putBlob);
    TestServer.Builder builder = new TestServer.Builder(folder, other.uri());
    builder.set("upstreams.names", "real").set("upstreams.real.url", registry.uri().toString());
    registry.settings().entrySet().stream()
        .filter(setting -> !setting.getKey().equals("proxy.name"))
        .forEach(
            setting ->
                builder.set(
                    setting.getKey().replace("proxy.", "upstreams.real."), setting.getValue()));
    server = builder.start();
    String repository =
        kind == RealRegistries.DOCKER_HUB ? registry.image().repository() : registry.asked();
    registry
        .image()
        .blobs()
        .forEach(
            (digest, bytes) -> {
              assertBlob("/v2/any/", digest, bytes);
              assertBlob("/v2/real/" + repository + "/", digest, bytes);
            });
    other.close();
  }

  @ParameterizedTest
  @EnumSource
  void tagsAreListedToTheEndInPagesOfTheClient(RealRegistries kind) throws IOException {
    start(kind);
    List<String> tags = new ArrayList<>();
    String path = path("tags/list?n=2");
    int pages = 0;
    while (path != null && pages++ < 20) {
      HttpResponse<byte[]> page = server.get(path);
      assertThat(page.statusCode()).as(text(page)).isEqualTo(200);
      List<String> some = new ArrayList<>();
      Json.mapper().readTree(page.body()).get("tags").forEach(tag -> some.add(tag.asText()));
      assertThat(some).hasSizeLessThanOrEqualTo(2);
      tags.addAll(some);
      Matcher next = NEXT.matcher(page.headers().firstValue("Link").orElse(""));
      path = next.find() ? next.group(1) : null;
    }
    assertThat(tags).isEqualTo(registry.image().tags());
  }

  @ParameterizedTest
  @EnumSource
  void signatureIsFoundAndPulled(RealRegistries kind) throws IOException {
    start(kind);
    Digest signature = registry.image().signature();
    for (String filter :
        List.of("", "?artifactType=" + SampleImage.SIGNATURE.replace("+", "%2B"))) {
      HttpResponse<byte[]> list =
          server.get(path("referrers/" + registry.image().index()) + filter);
      assertThat(list.statusCode()).as(text(list)).isEqualTo(200);
      JsonNode referrers = Json.mapper().readTree(list.body()).get("manifests");
      assertThat(referrers).hasSize(1);
      assertThat(referrers.get(0).get("digest").asText()).isEqualTo(signature.toString());
    }
    HttpResponse<byte[]> pulled = server.get(path("manifests/" + signature));
    assertThat(pulled.body()).isEqualTo(registry.image().manifests().get(signature));
  }

  @ParameterizedTest
  @EnumSource
  void missingTagIsMissingAndHarmsNothing(RealRegistries kind) {
    start(kind);
    for (int i = 0; i < 6; i++) {
      HttpResponse<byte[]> missing = server.get(path("manifests/none" + i));
      assertThat(missing.statusCode()).as(text(missing)).isEqualTo(404);
      assertThat(text(missing)).contains("MANIFEST_UNKNOWN");
    }
    pull(SampleImage.TAG);
  }

  /** Pulls what a client of both platforms pulls. Returns the answer for the reference. */
  private HttpResponse<byte[]> pull(String reference) {
    SampleImage image = registry.image();
    HttpResponse<byte[]> top = server.get(path("manifests/" + reference));
    assertThat(top.statusCode()).as(text(top)).isEqualTo(200);
    assertThat(top.body()).isEqualTo(image.manifests().get(image.index()));
    assertThat(top.headers().firstValue("Docker-Content-Digest"))
        .contains(image.index().toString());
    assertThat(top.headers().firstValue("Content-Type"))
        .contains("application/vnd.oci.image.index.v1+json");
    for (Map.Entry<Digest, byte[]> manifest : image.manifests().entrySet()) {
      HttpResponse<byte[]> answer = server.get(path("manifests/" + manifest.getKey()));
      assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
      assertThat(answer.body()).isEqualTo(manifest.getValue());
    }
    image.blobs().forEach((digest, bytes) -> assertBlob(path(""), digest, bytes));
    return top;
  }

  private void assertBlob(String repository, Digest digest, byte[] bytes) {
    HttpResponse<byte[]> answer = server.get(repository + "blobs/" + digest);
    assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
    assertThat(answer.body()).isEqualTo(bytes);
  }

  private String path(String end) {
    return "/v2/" + registry.asked() + "/" + end;
  }

  @Test
  void tagOfDockerHubCostsNoGetThatIsCounted() {
    start(RealRegistries.DOCKER_HUB);
    HttpResponse<byte[]> answer = server.head(path("manifests/" + SampleImage.TAG));
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(server.get(path("manifests/" + SampleImage.TAG)).statusCode()).isEqualTo(200);
    assertThat(registry.upstream().requests(Recorded.manifest(SampleImage.TAG)))
        .isNotEmpty()
        .allMatch(request -> request.method().equals("HEAD"));
  }

  private List<Recorded> fetches(Digest blob) {
    return registry.requests().stream()
        .filter(request -> request.path().endsWith(blob.toString()))
        .filter(request -> request.method().equals("GET") && request.status() == 200)
        .toList();
  }
}
