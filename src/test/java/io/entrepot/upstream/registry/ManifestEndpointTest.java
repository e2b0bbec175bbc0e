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
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
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
  private final HttpRegistry upstream = bench.upstream();
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

  @ParameterizedTest
  @CsvSource({"404,NOT_FOUND", "429,THROTTLED", "403,DENIED", "405,INVALID", "500,UNREACHABLE"})
  void headThatFailedIsNeverFollowedByAGet(int status, Failure failure) {
    bench.registry.inject(Recorded.manifest("latest"), Fault.status(status));

    assertFails(failure, this::resolve);
    assertThat(bench.registry.requests()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sha256:abc", "md5:0123", "latest"})
  void claimThatIsNoDigestIsInvalid(String claim) {
    bench.registry.inject(
        Recorded.manifest("latest"), Fault.header("Docker-Content-Digest", claim));

    assertFails(Failure.INVALID, this::resolve).hasMessageContaining("is not a digest");
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
