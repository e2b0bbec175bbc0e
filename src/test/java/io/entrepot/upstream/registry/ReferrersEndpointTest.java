package io.entrepot.upstream.registry;

import static io.entrepot.upstream.registry.Bench.NAME;
import static io.entrepot.upstream.registry.Bench.REPOSITORY;
import static io.entrepot.upstream.registry.Bench.assertFails;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Recorded;
import io.entrepot.fixture.Reply;
import io.entrepot.oci.Digest;
import io.entrepot.upstream.MediaType;
import io.entrepot.upstream.Referrers;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lists of referrers, with and without the API for them. */
@Timeout(60)
class ReferrersEndpointTest {
  private static final String TYPE = "application/vnd.oci.image.manifest.v1+json";
  private static final Digest SUBJECT = Digest.of("sha256:" + "5".repeat(64));
  private static final String PATH = "/v2/library/alpine/referrers/" + SUBJECT;

  private final Bench bench = new Bench();
  private final HttpRegistry upstream = bench.upstream();
  private final Digest signature = put("sig/v1");
  private final Digest sbom = put("sbom/v1+json");

  @AfterEach
  void close() {
    bench.close();
  }

  private Digest put(String type) {
    byte[] bytes = ("{\"x\":\"" + type + "\"}").getBytes(UTF_8);
    return bench.registry.putReferrer(NAME, SUBJECT, TYPE, type, bytes);
  }

  private Referrers list(String artifactType) throws UpstreamException {
    return upstream.listReferrers(REPOSITORY, SUBJECT, artifactType, bench.cost);
  }

  private static List<String> digests(Referrers referrers) throws IOException {
    List<String> digests = new ArrayList<>();
    for (JsonNode node : new ObjectMapper().readTree(referrers.index()).path("manifests")) {
      digests.add(node.path("digest").asText());
    }
    return digests;
  }

  @Test
  void allReferrersTakeOneRequest() throws Exception {
    Referrers all = list(null);

    assertThat(digests(all)).containsExactly(signature.toString(), sbom.toString());
    assertThat(all.filtered()).isFalse();
    assertThat(bench.registry.requests()).hasSize(1);
    assertThat(bench.registry.requests().get(0).query()).isNull();
  }

  @Test
  void upstreamFiltersByArtifactType() throws Exception {
    Referrers some = list("sbom/v1+json");

    assertThat(digests(some)).containsExactly(sbom.toString());
    assertThat(some.filtered()).isTrue();
    assertThat(bench.registry.requests().get(0).query()).isEqualTo("artifactType=sbom%2Fv1%2Bjson");
  }

  @Test
  void upstreamThatDoesNotFilterSaysSo() throws Exception {
    bench.registry.withoutReferrersFilter();

    Referrers all = list("sig/v1");
    assertThat(digests(all)).hasSize(2);
    assertThat(all.filtered()).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void tagStandsInWhereThereIsNoApi(Digest.Algorithm algorithm) throws Exception {
    Digest subject = Digest.ofBytes(algorithm, new byte[] {1});
    byte[] index = "{\"schemaVersion\":2,\"manifests\":[]}".getBytes(UTF_8);
    String tag = algorithm.label() + "-" + subject.hex().substring(0, 64);
    bench.registry.putManifest(NAME, tag, MediaType.OCI_INDEX, index);
    bench.registry.withoutReferrersApi();

    Referrers found = upstream.listReferrers(REPOSITORY, subject, "sig/v1", bench.cost);

    assertThat(found.index()).isEqualTo(index);
    assertThat(found.filtered()).isFalse();
    assertThat(bench.cost.requests()).isEqualTo(2);
  }

  @Test
  void neitherApiNorTagIsAnEmptyIndex() throws Exception {
    bench.registry.withoutReferrersApi();

    Referrers none = list(null);

    assertThat(new String(none.index(), UTF_8))
        .isEqualTo(
            "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\","
                + "\"manifests\":[]}");
    assertThat(none.filtered()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 404, 405})
  void apiIsUnknownInSeveralWays(int status) throws Exception {
    bench.registry.inject(Recorded.path(PATH), Fault.status(status));

    assertThat(digests(list(null))).isEmpty();
  }

  @Test
  void webPageInPlaceOfAnIndexIsNoApi() throws Exception {
    bench.registry.inject(Recorded.path(PATH), Fault.contentType("text/html"));

    assertThat(digests(list(null))).isEmpty();
  }

  @Test
  void failureIsNotMistakenForNoReferrers() {
    bench.registry.inject(Recorded.path(PATH), Fault.status(503), 1);
    assertFails(Failure.UNREACHABLE, () -> list(null));

    bench.registry.withoutReferrersApi();
    bench.registry.inject(Recorded.manifest("sha256-" + SUBJECT.hex()), Fault.throttled("3"));
    assertFails(Failure.THROTTLED, () -> list(null));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "{}", "{\"manifests\":{}}", "{\"manifests\":["})
  void whatIsNoIndexIsInvalid(String json) {
    bench.registry.inject(Recorded.path(PATH), Fault.body(json.getBytes(UTF_8)));

    assertFails(Failure.INVALID, () -> list(null));
  }

  @Test
  void pagesAreJoined() throws Exception {
    page(null, "a", "p=2");
    page("p=2", "b", "p=3");
    page("p=3", "c", null);

    assertThat(digests(list(null))).containsExactly("a", "b", "c");
    assertThat(bench.cost.requests()).isEqualTo(3);
  }

  @Test
  void pagesWithoutEndAreInvalid() {
    page(null, "a", "p=2");
    page("p=2", "b", "p=2");

    assertFails(Failure.INVALID, () -> list(null)).hasMessageContaining("more than 16 pages");
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://127.0.0.1:1/x", "/v2/library/alpine/referrers/other?p=2"})
  void pageElsewhereIsInvalid(String target) {
    bench.registry.inject(
        Recorded.path(PATH), Fault.header("Link", "<" + target + ">; rel=\"next\""));

    assertFails(Failure.INVALID, () -> list(null)).hasMessageContaining("next page is elsewhere");
  }

  private void page(String query, String digest, String next) {
    Reply reply =
        Reply.json(200, "{\"manifests\":[{\"digest\":\"" + digest + "\"}]}")
            .header("Content-Type", MediaType.OCI_INDEX);
    bench.registry.inject(
        Recorded.path(PATH).and(r -> Objects.equals(r.query(), query)),
        Fault.reply(next == null ? reply : reply.header("Link", "<?" + next + ">; rel=\"next\"")));
  }
}
