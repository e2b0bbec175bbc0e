package io.entrepot.upstream.registry;

import static io.entrepot.upstream.registry.Bench.NAME;
import static io.entrepot.upstream.registry.Bench.REPOSITORY;
import static io.entrepot.upstream.registry.Bench.assertFails;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.entrepot.fixture.FakeRegistry;
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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lists of referrers, with and without the API for them. */
@Timeout(60)
class ReferrersEndpointTest {
  private static final String TYPE = "application/vnd.oci.image.manifest.v1+json";
  private static final Digest SUBJECT = Digest.of("sha256:" + "5".repeat(64));
  private static final String PATH = "/v2/library/alpine/referrers/" + SUBJECT;

  private final Bench bench = new Bench();
  private final HttpRegistry upstream = bench.connected();
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
    return upstream.listReferrers(REPOSITORY, SUBJECT, artifactType, null, bench.cost);
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

    Referrers found = upstream.listReferrers(REPOSITORY, subject, null, null, bench.cost);

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

  private void putFallback(String descriptors) {
    String json = "{\"schemaVersion\":2,\"x\":1,\"manifests\":[" + descriptors + "]}";
    bench.registry.putManifest(
        NAME, "sha256-" + SUBJECT.hex(), MediaType.OCI_INDEX, json.getBytes(UTF_8));
  }

  private static String descriptor(String digest, String type) {
    return "{\"digest\":\"" + digest + "\",\"artifactType\":\"" + type + "\"}";
  }

  @Test
  void listOfTheFallbackTagIsFilteredHere() throws Exception {
    bench.registry.withoutReferrersApi();
    putFallback(descriptor("a", "sig/v1") + "," + descriptor("b", "sbom"));

    Referrers some = list("sbom");
    assertThat(digests(some)).containsExactly("b");
    assertThat(some.filtered()).isTrue();
    assertThat(new String(some.index(), UTF_8)).contains("\"x\":1");
    assertThat(digests(list("other"))).isEmpty();
    assertThat(digests(list(null))).containsExactly("a", "b");
    assertThat(list(null).filtered()).isFalse();
  }

  @Test
  void listThatDoesNotTellEachTypeIsLeftToTheClient() throws Exception {
    bench.registry.withoutReferrersApi();
    putFallback(descriptor("a", "sig/v1") + ",{\"digest\":\"b\"}");

    Referrers all = list("sig/v1");
    assertThat(digests(all)).containsExactly("a", "b");
    assertThat(all.filtered()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 404, 405, 406, 410, 501})
  void apiIsUnknownInSeveralWays(int status) throws Exception {
    bench.registry.inject(Recorded.path(PATH), Fault.status(status));

    assertThat(digests(list(null))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {404, 405, 406, 410, 501})
  void lackOfTheApiIsRememberedForTenMinutes(int status) throws Exception {
    bench.registry.inject(Recorded.path(PATH), Fault.status(status));
    list(null);
    bench.registry.clearFaults();
    bench.registry.clearRequests();

    assertThat(digests(list("any"))).isEmpty();
    assertThat(bench.registry.requests(Recorded.path(PATH))).isEmpty();

    bench.pass(ReferrersEndpoint.LACK_BELIEVED.plusMillis(1));
    assertThat(digests(list(null))).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"NAME_UNKNOWN", "MANIFEST_UNKNOWN"})
  void whatIsUnknownSaysNothingAboutTheApi(String code) throws Exception {
    bench.registry.inject(Recorded.path(PATH), Fault.reply(Reply.error(404, code, "")), 1);

    assertThat(digests(list(null))).isEmpty();
    assertThat(digests(list(null))).hasSize(2);
  }

  @Test
  void apiThatWasThereIsNotForgotten() throws Exception {
    list(null);
    bench.registry.inject(Recorded.path(PATH), Fault.status(404), 1);
    list(null);

    assertThat(digests(list(null))).hasSize(2);
  }

  @Test
  void webPageInPlaceOfAnIndexIsNoApiAndNotRemembered() throws Exception {
    bench.registry.inject(Recorded.path(PATH), Fault.contentType("text/html"), 1);

    assertThat(digests(list(null))).isEmpty();
    assertThat(digests(list(null))).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"application/json", "application/json; charset=utf-8", "", "text/plain"})
  void indexOfATypeThatSaysNothingIsRead(String type) throws Exception {
    bench.registry.inject(Recorded.path(PATH), Fault.contentType(type));

    assertThat(digests(list(null))).hasSize(2);
  }

  /** As ghcr.io does: its web host answers for what the registry does not know. */
  @ParameterizedTest
  @CsvSource({
    "429, text/html",
    "429, text/plain",
    "403, text/html",
    "404, text/html",
    "200, text/html"
  })
  void webHostToWhichARegistryRedirectsIsNoApi(int status, String type) throws Exception {
    try (FakeRegistry web = FakeRegistry.start()) {
      web.inject(
          r -> true,
          Fault.reply(Reply.json(status, "<html>slow down").header("Content-Type", type)));
      bench.registry.inject(
          Recorded.path(PATH),
          Fault.reply(Reply.json(303, "").header("Location", web.uri() + "/referrers")));
      putFallback(descriptor("a", "sig/v1"));

      assertThat(digests(list(null))).containsExactly("a");
      assertThat(digests(list(null))).containsExactly("a");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 500, 503})
  void registryToWhichARegistryRedirectsIsBelieved(int status) {
    try (FakeRegistry other = FakeRegistry.start()) {
      other.inject(r -> true, Fault.status(status));
      bench.registry.inject(
          Recorded.path(PATH), Fault.redirect(other.uri() + "/v2/x/referrers/" + SUBJECT));

      assertThatThrownBy(() -> list(null)).isInstanceOf(UpstreamException.class);
    }
  }

  @Test
  void pageOfAPortalInPlaceOfTheFallbackTagIsNotNone() {
    bench.registry.withoutReferrersApi();
    bench.registry.inject(
        Recorded.manifest("sha256-" + SUBJECT.hex()),
        Fault.reply(Reply.json(200, "<html>log in").header("Content-Type", "text/html")));

    assertFails(Failure.INVALID, () -> list(null));
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
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "{\"manifests\":{}}",
        "{\"manifests\":[",
        "{\"manifests\":[1]}",
        "{\"manifests\":[{}]}",
        "{\"error\":\"login\"}"
      })
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
  void morePagesThanAreReadAtOnceAreLeftToTheLink() throws Exception {
    page(null, "d1", "p=2");
    for (int i = 2; i < 20; i++) {
      page("p=" + i, "d" + i, "p=" + (i + 1));
    }
    page("p=20", "d20", null);

    Referrers first = list(null);
    assertThat(digests(first)).hasSize(16).startsWith("d1").endsWith("d16");
    assertThat(first.next()).isEqualTo("p=17");
    Referrers rest = upstream.listReferrers(REPOSITORY, SUBJECT, null, "p=17", bench.cost);
    assertThat(digests(rest)).containsExactly("d17", "d18", "d19", "d20");
    assertThat(rest.next()).isNull();
  }

  @Test
  void pagesThatAreTooLargeTogetherAreLeftToTheLink() throws Exception {
    String large = "x".repeat(ReferrersIndex.MAX_BYTES / 2);
    page(null, "a\",\"note\":\"" + large, "p=2");
    page("p=2", "b\",\"note\":\"" + large, null);

    Referrers first = list(null);
    assertThat(digests(first)).containsExactly("a");
    assertThat(first.next()).isEqualTo("p=2");
  }

  /** S24: lists of 4 MiB that would take many times as much. */
  @Test
  void moreReferrersThanTheLimitAreInvalid() {
    String one = "{\"digest\":\"a\"}";
    page(
        null, "a\"}," + (one + ",").repeat(ReferrersIndex.MAX_REFERRERS) + "{\"digest\":\"a", null);
    assertFails(Failure.INVALID, () -> list(null)).hasMessageContaining("more than 25000");

    bench.registry.clearFaults();
    page(null, "a\",\"x\":[" + "{},".repeat(1_000_000) + "{}],\"y\":\"", null);
    assertFails(Failure.INVALID, () -> list(null)).hasMessageContaining("Token count");
  }

  @Test
  void pagesAreJoinedAsTheyWereWritten() throws Exception {
    page(null, "ä\", \"size\" : 1.50,\"note\":\"€", "p=2");
    page("p=2", "b\" , \"annotations\":{\"ä\":\"\\u0041\"},\"x\":\"", null);

    assertThat(new String(list(null).index(), UTF_8))
        .isEqualTo(
            "{\"manifests\":[{\"digest\":\"ä\", \"size\" : 1.50,\"note\":\"€\"},"
                + "{\"digest\":\"b\" , \"annotations\":{\"ä\":\"\\u0041\"},\"x\":\"\"}]}");
  }

  @Test
  void pagesWithoutEndAreInvalid() {
    page(null, "a", "p=2");
    page("p=2", "b", "p=2");
    assertFails(Failure.INVALID, () -> list(null)).hasMessageContaining("no end");

    bench.registry.clearFaults();
    page(null, "a", "p=2");
    page("p=2", "a", "p=3");
    assertFails(Failure.INVALID, () -> list(null)).hasMessageContaining("no end");
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
