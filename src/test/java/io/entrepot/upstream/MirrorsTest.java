package io.entrepot.upstream;

import static io.entrepot.upstream.registry.Bench.REPOSITORY;
import static io.entrepot.upstream.registry.Bench.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Tag;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.credentials.CredentialSource;
import io.entrepot.upstream.credentials.Credentials;
import io.entrepot.upstream.registry.Bench;
import io.entrepot.upstream.registry.RegistryOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which of a registry and its mirrors is asked, and whom to believe. */
@Timeout(60)
class MirrorsTest {
  private static final byte[] BYTES = bytes(5);

  private final Bench bench = new Bench();
  private final FakeRegistry first = bench.registry;
  private final FakeRegistry second = FakeRegistry.start();
  private final Digest digest = first.putBlob(BYTES);
  private final Mirrors mirrors = mirrors(options -> options);

  MirrorsTest() {
    second.putBlob(BYTES);
  }

  @AfterEach
  void close() {
    bench.close();
    second.close();
  }

  private Mirrors mirrors(UnaryOperator<RegistryOptions> changeOfSecond) {
    return new Mirrors(List.of(bench.upstream(), bench.upstream(second, changeOfSecond)));
  }

  private static byte[] bytes(long seed) {
    byte[] bytes = new byte[400_000];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  @Test
  void registryItselfIsPreferred() throws Exception {
    assertThat(bench.fetch(mirrors, digest)).isEqualTo(BYTES);
    assertThat(mirrors.uri()).isEqualTo(first.uri().resolve("/"));
    assertThat(second.requests()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {500, 503, 408, 429, 400})
  void mirrorAnswersWhereTheRegistryDoesNot(int status) throws Exception {
    first.inject(Recorded.blob(digest), Fault.status(status));

    assertThat(bench.fetch(mirrors, digest)).isEqualTo(BYTES);
    assertThat(first.requests()).hasSize(1);
    assertThat(second.requests()).hasSize(1);
  }

  @Test
  void everyKindOfCallGoesOverToTheMirror() throws Exception {
    Digest manifest =
        second.putManifest(
            Bench.NAME,
            "v1",
            "application/vnd.oci.image.index.v1+json",
            "{\"schemaVersion\":2,\"manifests\":[]}"
                .getBytes(java.nio.charset.StandardCharsets.UTF_8));
    first.close();

    mirrors.connect(bench.cost);
    assertThat(mirrors.headBlob(REPOSITORY, digest, bench.cost).size()).isEqualTo(BYTES.length);
    assertThat(mirrors.resolve(REPOSITORY, Tag.parse("v1"), bench.cost).digest())
        .isEqualTo(manifest);
    assertThat(mirrors.headManifest(REPOSITORY, manifest, bench.cost).digest()).isEqualTo(manifest);
    assertThat(mirrors.fetchManifest(REPOSITORY, manifest, bench.cost).digest())
        .isEqualTo(manifest);
    assertThat(mirrors.listTags(REPOSITORY, "", bench.cost).tags()).hasSize(1);
    assertThat(mirrors.listReferrers(REPOSITORY, manifest, null, null, bench.cost)).isNotNull();
    assertThat(mirrors.trouble()).isEmpty();
    assertThat(second.requests()).hasSize(7);
  }

  @Test
  void openBreakerCostsNothingUntilTheRegistryIsPreferredAgain() throws Exception {
    fetchWhatTheFirstFailsAt(5);
    for (int i = 0; i < 5; i++) {
      assertThat(bench.fetch(mirrors, digest)).isEqualTo(BYTES);
    }
    assertThat(first.requests()).hasSize(5);
    assertThat(second.requests()).hasSize(10);

    bench.probe();
    assertThat(bench.fetch(mirrors, digest)).isEqualTo(BYTES);
    assertThat(bench.fetch(mirrors, digest)).isEqualTo(BYTES);
    assertThat(first.requests()).hasSize(8);
    assertThat(second.requests()).hasSize(10);
  }

  private void fetchWhatTheFirstFailsAt(int blobs) throws Exception {
    for (int i = 1; i <= blobs; i++) {
      byte[] bytes = bytes(100 + i);
      Digest each = first.putBlob(bytes);
      second.putBlob(bytes);
      first.inject(Recorded.blob(each), Fault.status(503), 1);
      assertThat(bench.fetch(mirrors, each)).isEqualTo(bytes);
    }
  }

  /** S27 */
  @Test
  void oneBlobThatAlwaysFailsIsServedByTheMirrorAndTheRestByTheRegistryItself() throws Exception {
    byte[] bytes = bytes(7);
    Digest other = first.putBlob(bytes);
    first.inject(Recorded.blob(digest), Fault.status(503));
    assertThat(bench.fetch(mirrors, digest)).isEqualTo(BYTES);
    assertThat(bench.fetch(mirrors, other)).isEqualTo(bytes);
    for (int i = 0; i < 9; i++) {
      assertThat(bench.fetch(mirrors, digest)).isEqualTo(BYTES);
    }
    assertThat(first.requests()).hasSize(3);
    assertThat(second.requests()).hasSize(10);

    assertThat(bench.fetch(mirrors, other)).isEqualTo(bytes);
    assertThat(first.requests()).hasSize(4);
  }

  @Test
  void whatTheRegistryDoesNotHaveIsSoughtNowhereElse() {
    first.deleteBlob(digest);

    assertFails(Failure.NOT_FOUND, () -> bench.fetch(mirrors, digest));
    assertThat(second.requests()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403})
  void whatTheRegistryDeniesIsSoughtNowhereElse(int status) {
    first.inject(Recorded.blob(digest), Fault.status(status));

    assertFails(Failure.DENIED, () -> bench.fetch(mirrors, digest));
    assertThat(second.requests()).isEmpty();
  }

  @Test
  void mirrorThatHasNotYetGotItIsNotBelieved() {
    second.deleteBlob(digest);
    first.inject(Recorded.blob(digest), Fault.status(503));

    assertFails(Failure.UNREACHABLE, () -> bench.fetch(mirrors, digest))
        .hasMessageContainingAll(first.uri().toString(), "503", second.uri().toString(), "404");
  }

  /** It may know us by other credentials, or by none: the registry itself has not refused. */
  @ParameterizedTest
  @ValueSource(ints = {401, 403})
  void refusalOfAMirrorIsNotTheRegistrysOwn(int status) {
    first.inject(Recorded.blob(digest), Fault.status(503));
    second.inject(Recorded.blob(digest), Fault.status(status));

    assertFails(Failure.UNREACHABLE, () -> bench.fetch(mirrors, digest))
        .hasMessageContainingAll(first.uri().toString(), "503", second.uri().toString());
  }

  @Test
  void mirrorAfterOneThatRefusesIsAsked() throws Exception {
    try (FakeRegistry third = FakeRegistry.start()) {
      third.putBlob(BYTES);
      first.inject(Recorded.blob(digest), Fault.status(503));
      second.inject(Recorded.blob(digest), Fault.status(403));
      Mirrors three =
          new Mirrors(
              List.of(
                  bench.upstream(),
                  bench.upstream(second, options -> options),
                  bench.upstream(third, options -> options)));

      assertThat(bench.fetch(three, digest)).isEqualTo(BYTES);
    }
  }

  @Test
  void whenAllFailTheSoonestTimeToAskAgainIsTold() {
    first.inject(Recorded.blob(digest), Fault.throttled("300"));
    second.inject(Recorded.blob(digest), Fault.throttled("20"));

    assertFails(Failure.THROTTLED, () -> bench.fetch(mirrors, digest))
        .satisfies(e -> assertThat(e.retryAfter()).contains(Duration.ofSeconds(20)));
    assertFails(Failure.THROTTLED, () -> mirrors.connect(bench.cost));
  }

  @Test
  void troubleIsWhatAllHave() {
    first.close();
    second.close();

    assertFails(Failure.UNREACHABLE, () -> mirrors.connect(bench.cost));
    assertThat(mirrors.trouble().orElseThrow())
        .contains(first.uri().toString(), second.uri().toString());
  }

  @Test
  void mirrorThatContinuesABrokenBlobIsAskedForTheRestWithoutAForeignEtag() throws Exception {
    BrokenResponse broken = breakAt(100_000);

    try (UpstreamBody rest =
        mirrors.fetchBlob(
            REPOSITORY, digest, new FetchRange(100_000, Long.MAX_VALUE, broken), bench.cost)) {
      assertThat(rest.source()).isEqualTo(second.uri().resolve("/"));
      assertThat(rest.offset()).isEqualTo(100_000);
      assertThat(rest.stream().readAllBytes()).hasSize(300_000).endsWith(BYTES[399_999]);
    }
    Recorded request = second.requests().get(0);
    assertThat(request.header("Range")).isEqualTo("bytes=100000-");
    assertThat(request.headers()).doesNotContainKey("if-range");
  }

  @Test
  void etagOfOneMirrorIsNotSentToAnotherButBackToItself() throws Exception {
    BrokenResponse broken = breakAt(100_000);
    second.inject(Recorded.blob(digest), Fault.status(503));

    mirrors
        .fetchBlob(REPOSITORY, digest, new FetchRange(100_000, Long.MAX_VALUE, broken), bench.cost)
        .close();

    assertThat(second.requests().get(0).headers()).doesNotContainKey("if-range");
    assertThat(first.requests().get(1).header("If-Range")).isEqualTo("\"" + digest + "\"");
  }

  @Test
  void mirrorThatNamesAnotherSizeIsPassedOver() throws Exception {
    BrokenResponse broken = breakAt(100_000);
    second.inject(
        Recorded.blob(digest), Fault.header("Content-Range", "bytes 100000-399999/400001"));

    assertFails(
        Failure.INVALID,
        () ->
            mirrors
                .inOrder()
                .get(1)
                .fetchBlob(
                    REPOSITORY, digest, new FetchRange(100_000, 399_999, broken), bench.cost));
    try (UpstreamBody rest =
        mirrors.fetchBlob(
            REPOSITORY, digest, new FetchRange(100_000, Long.MAX_VALUE, broken), bench.cost)) {
      assertThat(rest.source()).isEqualTo(first.uri().resolve("/"));
      assertThat(rest.stream().readAllBytes()).hasSize(300_000);
    }
  }

  private BrokenResponse breakAt(int bytes) throws UpstreamException, IOException {
    first.inject(Recorded.blob(digest), Fault.resetAfter(bytes), 1);
    try (UpstreamBody body = mirrors.fetchBlob(REPOSITORY, digest, FetchRange.WHOLE, bench.cost)) {
      assertThatThrownBy(() -> body.stream().readAllBytes()).isInstanceOf(IOException.class);
      assertThat(body.asBroken())
          .isEqualTo(
              new BrokenResponse(
                  first.uri().resolve("/"), "\"" + digest + "\"", OptionalLong.of(400_000)));
      return body.asBroken();
    }
  }

  @Test
  void credentialsOfOneAreNotSentToAnother() throws Exception {
    Credentials ann = new Credentials.Password("ann", "of the second");
    first.requireBasic("bob", "of the first");
    second.requireBasic("ann", "of the second");
    first.inject(r -> true, Fault.status(503));
    Mirrors own =
        mirrors(options -> options.auth(a -> a.withCredentials(CredentialSource.of(ann))));

    assertThat(bench.fetch(own, digest)).isEqualTo(BYTES);

    assertThat(first.requests())
        .isNotEmpty()
        .allSatisfy(r -> assertThat(r.header("Authorization")).isNull());
    assertThat(second.requests()).last().satisfies(r -> assertThat(r.status()).isEqualTo(200));
  }

  @Test
  void quotaOfTheOneThatWouldBeAskedDecides() throws Exception {
    second.inject(Recorded.method("GET"), Fault.header("RateLimit-Remaining", "0"), 100);
    fetchWhatTheFirstFailsAt(4);
    assertThat(mirrors.isScarce()).isFalse();
    fetchWhatTheFirstFailsAt(5);
    assertThat(mirrors.isScarce()).isTrue();
  }

  @Test
  void nothingToAskIsRefused() {
    assertThatThrownBy(() -> new Mirrors(List.of())).isInstanceOf(IllegalArgumentException.class);
  }
}
