package io.entrepot.upstream.registry;

import static io.entrepot.upstream.registry.Bench.NAME;
import static io.entrepot.upstream.registry.Bench.REPOSITORY;
import static io.entrepot.upstream.registry.Bench.assertFails;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.Tag;
import io.entrepot.upstream.Resolution;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How manifests are resolved and fetched, and what is not believed of them (F9, S7, S8, S12). */
@Timeout(60)
class ManifestEndpointTest {
  private static final String TYPE = "application/vnd.oci.image.manifest.v1+json";
  private static final byte[] BYTES =
      """
      {"schemaVersion":2,"mediaType":"%s",
       "config":{"mediaType":"application/vnd.oci.image.config.v1+json","size":2,"digest":"%s"},
       "layers":[]}
      """
          .formatted(TYPE, "sha256:" + "a".repeat(64))
          .getBytes(UTF_8);
  private static final Tag LATEST = new Tag("latest");

  private final Bench bench = new Bench();
  private final HttpRegistry upstream = bench.connected();
  private final Digest digest = bench.registry.putManifest(NAME, "latest", TYPE, BYTES);

  @AfterEach
  void close() {
    bench.close();
  }

  private Digest resolve() throws UpstreamException {
    return upstream.resolve(REPOSITORY, LATEST, bench.cost).digest();
  }

  private Manifest fetch() throws UpstreamException {
    return upstream.fetchManifest(REPOSITORY, digest, bench.cost);
  }

  private void inject(Fault fault) {
    bench.registry.inject(Recorded.path("/v2/library/alpine/manifests/" + digest), fault);
  }

  @Test
  void tagIsResolvedByOneHead() throws Exception {
    assertThat(resolve()).isEqualTo(digest);
    assertThat(bench.registry.requests()).extracting(Recorded::method).containsExactly("HEAD");
  }

  @Test
  void everyTypeThatIsUnderstoodIsAskedFor() throws Exception {
    resolve();
    fetch();
    upstream.headManifest(REPOSITORY, digest, bench.cost);

    assertThat(bench.registry.requests())
        .extracting(r -> r.header("Accept"))
        .containsOnly(
            "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json,"
                + " application/vnd.oci.artifact.manifest.v1+json,"
                + " application/vnd.docker.distribution.manifest.list.v2+json,"
                + " application/vnd.docker.distribution.manifest.v2+json");
  }

  @Test
  void upstreamThatNamesNoDigestIsAskedByGet() throws Exception {
    bench.registry.inject(
        Recorded.manifest("latest"), Fault.withoutHeader("Docker-Content-Digest"));

    assertThat(resolve()).isEqualTo(digest);
    assertThat(bench.registry.requests())
        .extracting(Recorded::method)
        .containsExactly("HEAD", "GET");
  }

  /** Docker Hub counts GETs, so a 429 to a HEAD must not be followed by one. */
  @ParameterizedTest
  @CsvSource({"429,THROTTLED", "408,TIMEOUT", "500,UNREACHABLE", "502,UNREACHABLE"})
  void upstreamThatFailsIsNotAskedByGet(int status, Failure failure) {
    bench.registry.inject(Recorded.manifest("latest"), Fault.status(status));

    assertFails(failure, this::resolve);
    assertThat(methods()).containsExactly("HEAD");
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 403, 404, 405, 406, 415, 501})
  void headThatSaysNoIsFollowedByOneGetThatDecides(int status) throws Exception {
    injectHead(Fault.status(status));

    Resolution resolution = upstream.resolve(REPOSITORY, LATEST, bench.cost);

    assertThat(resolution.digest()).isEqualTo(digest);
    assertThat(resolution.manifest()).isNotNull();
    assertThat(resolution.manifest().bytes()).isEqualTo(BYTES);
    assertThat(methods()).containsExactly("HEAD", "GET");
  }

  @ParameterizedTest
  @CsvSource({"400,REFUSED", "401,DENIED", "403,DENIED", "404,NOT_FOUND", "405,REFUSED"})
  void getThatSaysNoDecides(int status, Failure failure) {
    bench.registry.inject(Recorded.manifest("latest"), Fault.status(status));

    assertFails(failure, this::resolve);
    assertThat(methods()).containsExactly("HEAD", "GET");
  }

  @Test
  void whereOnlyGetWorksHeadIsLeftOutForAnHour() throws Exception {
    injectHead(Fault.status(405));
    resolve();
    resolve();
    assertThat(methods()).containsExactly("HEAD", "GET", "GET");

    bench.pass(Duration.ofHours(1));
    resolve();
    assertThat(methods()).containsExactly("HEAD", "GET", "GET", "HEAD", "GET");
  }

  @Test
  void whereHeadHasWorkedItsNotFoundIsBelieved() throws Exception {
    resolve();
    bench.registry.deleteTag(NAME, "latest");

    assertFails(Failure.NOT_FOUND, this::resolve);
    assertThat(methods()).containsExactly("HEAD", "HEAD");
  }

  /** A HEAD has no body that could tell a registry from a portal. Its headers must. */
  @Test
  void notFoundToAHeadWithoutTheHeaderOfRegistriesIsNotBelieved() throws Exception {
    resolve();
    injectHead(Fault.status(404));
    injectHead(Fault.withoutHeader("Docker-Distribution-Api-Version"));

    assertThat(resolve()).isEqualTo(digest);
    assertThat(methods()).containsExactly("HEAD", "HEAD", "GET");
  }

  @Test
  void missingTagCostsNoGetWhereGetsAreCounted() throws Exception {
    bench.registry.inject(r -> true, Fault.header("RateLimit-Remaining", "76;w=21600"));
    upstream.connect(bench.cost);
    bench.registry.clearRequests();

    assertFails(Failure.NOT_FOUND, () -> upstream.resolve(REPOSITORY, new Tag("none"), bench.cost));
    assertThat(methods()).containsExactly("HEAD");
  }

  @Test
  void whereGetsAreCountedHeadStaysFirst() throws Exception {
    bench.registry.inject(r -> true, Fault.header("RateLimit-Remaining", "76;w=21600"));
    injectHead(Fault.status(405));

    resolve();
    resolve();

    assertThat(methods()).containsExactly("HEAD", "GET", "HEAD", "GET");
  }

  @Test
  void digestOfTheGetIsComputedFromItsBytes() {
    injectHead(Fault.status(405));
    bench.registry.inject(
        Recorded.manifest("latest"),
        Fault.header("Docker-Content-Digest", "sha256:" + "0".repeat(64)));

    assertFails(Failure.INVALID, this::resolve).hasMessageContaining("Docker-Content-Digest");
  }

  private void injectHead(Fault fault) {
    bench.registry.inject(Recorded.manifest("latest").and(Recorded.method("HEAD")), fault);
  }

  private List<String> methods() {
    return bench.registry.requests().stream().map(Recorded::method).toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"sha256:abc", "md5:0123", "latest"})
  void claimThatIsNoDigestIsInvalid(String claim) {
    bench.registry.inject(
        Recorded.manifest("latest"), Fault.header("Docker-Content-Digest", claim));

    assertFails(Failure.INVALID, this::resolve).hasMessageContaining("is not a digest");
  }

  @Test
  void claimByAnAlgorithmThatCannotBeVerifiedSaysNothing() throws Exception {
    bench.registry.inject(
        Recorded.manifest("latest"),
        Fault.header("Docker-Content-Digest", "blake3:" + "ab".repeat(32)));

    assertThat(resolve()).isEqualTo(digest);
    assertThat(methods()).containsExactly("HEAD", "GET");
  }

  @Test
  void pageOfAPortalIsNoManifest() {
    bench.registry.inject(
        Recorded.manifest("latest"), Fault.withoutHeader("Docker-Content-Digest"));
    bench.registry.inject(
        Recorded.manifest("latest"), Fault.body("<html>log in</html>".getBytes(UTF_8)));

    assertFails(Failure.INVALID, this::resolve).hasMessageContaining("it is not JSON");
  }

  @ParameterizedTest
  @EnumSource
  void manifestIsFetchedAndVerified(Digest.Algorithm algorithm) throws Exception {
    Digest named = bench.registry.putManifest(algorithm, NAME, null, TYPE, BYTES);

    Manifest manifest = upstream.fetchManifest(REPOSITORY, named, bench.cost);

    assertThat(manifest.bytes()).isEqualTo(BYTES);
    assertThat(manifest.mediaType()).isEqualTo(TYPE);
    assertThat(manifest.digest()).isEqualTo(named);
    assertThat(manifest.children()).hasSize(1);
    assertThat(bench.cost.requests()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 60, -1})
  void flippedByteIsInvalid(long offset) {
    inject(Fault.corrupt(offset));

    assertFails(Failure.INVALID, this::fetch).hasMessageContaining("its bytes hash to sha256:");
  }

  @Test
  void otherTypeThanTheBodysIsInvalid() {
    inject(Fault.contentType("application/vnd.oci.image.index.v1+json"));

    assertFails(Failure.INVALID, this::fetch).hasMessageContaining("its mediaType is");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "nonsense", "a/b/c"})
  void typeThatIsNoneIsReadFromTheBody(String type) throws Exception {
    inject(Fault.contentType(type));

    assertThat(fetch().mediaType()).isEqualTo(TYPE);
  }

  @Test
  void claimThatContradictsTheQuestionIsInvalid() {
    inject(Fault.header("Docker-Content-Digest", "sha256:" + "0".repeat(64)));

    assertFails(Failure.INVALID, this::fetch);
    assertFails(Failure.INVALID, () -> upstream.headManifest(REPOSITORY, digest, bench.cost));
  }

  @Test
  void fourMebibytesAreAcceptedAndNotOneMore() throws Exception {
    byte[] largest = padded(Manifest.MAX_BYTES);
    Digest ok = bench.registry.putManifest(NAME, null, "application/json", largest);
    assertThat(upstream.fetchManifest(REPOSITORY, ok, bench.cost).bytes()).isEqualTo(largest);

    byte[] larger = padded(Manifest.MAX_BYTES + 1);
    Digest tooLarge = bench.registry.putManifest(NAME, null, "application/json", larger);
    bench.registry.inject(Recorded.manifest(tooLarge), Fault.chunked());
    assertFails(Failure.INVALID, () -> upstream.fetchManifest(REPOSITORY, tooLarge, bench.cost))
        .hasMessageContaining("more than 4194304 bytes");
  }

  private static byte[] padded(int size) {
    String index = "{\"schemaVersion\":2,\"manifests\":[]}";
    return (index + " ".repeat(size - index.length())).getBytes(UTF_8);
  }

  @Test
  void truncatedManifestIsUnreachable() {
    inject(Fault.closeAfter(20));

    assertFails(Failure.UNREACHABLE, this::fetch).hasMessageContaining("broke off");
  }

  @Test
  void compressedManifestIsInvalid() {
    inject(Fault.gzip());

    assertFails(Failure.INVALID, this::fetch).hasMessageContaining("Content-Encoding");
  }

  @Test
  void headDescribesAManifest() throws Exception {
    Descriptor expected = new Descriptor(TYPE, digest, BYTES.length);

    assertThat(upstream.headManifest(REPOSITORY, digest, bench.cost)).isEqualTo(expected);
    assertThat(bench.cost.requests()).isEqualTo(1);
  }

  @Test
  void manifestThatHeadDoesNotDescribeIsFetched() throws Exception {
    bench.registry.inject(Recorded.method("HEAD"), Fault.chunked());

    assertThat(upstream.headManifest(REPOSITORY, digest, bench.cost))
        .isEqualTo(new Descriptor(TYPE, digest, BYTES.length));
    assertThat(bench.cost.requests()).isEqualTo(2);
  }
}
