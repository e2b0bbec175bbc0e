package io.entrepot.upstream.registry;

import static io.entrepot.upstream.registry.Bench.REPOSITORY;
import static io.entrepot.upstream.registry.Bench.assertFails;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.fixture.Content;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Recorded;
import io.entrepot.fixture.Reply;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is learned of a blob without downloading it (F10). */
@Timeout(60)
class BlobHeadTest {
  private static final byte[] BYTES = "0123456789".getBytes(UTF_8);

  private final Bench bench = new Bench();
  private final HttpRegistry upstream = bench.connected();
  private final Digest digest = bench.registry.putBlob(BYTES);

  @AfterEach
  void close() {
    bench.close();
  }

  private Descriptor head(Digest which) throws UpstreamException {
    return upstream.headBlob(REPOSITORY, which, bench.cost);
  }

  private void injectHead(Fault fault) {
    bench.registry.inject(Recorded.blob(digest).and(Recorded.method("HEAD")), fault);
  }

  @Test
  void sizeTakesOneHead() throws Exception {
    assertThat(head(digest)).isEqualTo(new Descriptor("application/octet-stream", digest, 10));
    assertThat(bench.registry.requests()).extracting(Recorded::method).containsExactly("HEAD");
  }

  @Test
  void blobOfAnotherRepositoryIsNotFound() {
    Digest there = bench.registry.putBlob("other", "there".getBytes(UTF_8));

    assertFails(Failure.NOT_FOUND, () -> head(there))
        .hasMessageStartingWith("GET " + bench.registry.uri());
    assertThat(methods()).containsExactly("HEAD", "GET");
  }

  @Test
  void emptyBlobHasNoBytes() throws Exception {
    Digest empty = bench.registry.putBlob(new byte[0]);

    assertThat(head(empty).size()).isZero();
    assertThat(bench.registry.requests()).hasSize(1);
  }

  @Test
  void sizeThatHeadDoesNotSayIsAskedByTheFirstByte() throws Exception {
    injectHead(Fault.chunked());

    assertThat(head(digest).size()).isEqualTo(10);
    assertThat(bench.cost.requests()).isEqualTo(2);
    Recorded probe = bench.registry.requests().get(1);
    assertThat(probe.method()).isEqualTo("GET");
    assertThat(probe.header("Range")).isEqualTo("bytes=0-0");
    assertThat(probe.status()).isEqualTo(206);
  }

  @Test
  void sizeOfZeroIsBelievedOfTheEmptyBlobOnly() throws Exception {
    injectHead(Fault.declareLength(0));

    assertThat(head(digest).size()).isEqualTo(10);
  }

  @Test
  void placeThatKnowsNoHeadIsAskedByGet() throws Exception {
    bench.registry.redirectBlobs();
    bench.registry.inject(
        Recorded.method("HEAD").and(r -> r.path().startsWith("/cdn/")), Fault.status(403));

    assertThat(head(digest).size()).isEqualTo(10);
    assertThat(bench.registry.redirectedRequests())
        .extracting(Recorded::method)
        .containsExactly("HEAD", "GET");
  }

  @Test
  void upstreamWithoutRangesSaysTheSizeAndIsNotReadOn() throws Exception {
    bench.registry.withoutRanges();
    injectHead(Fault.untilClose());

    assertThat(head(digest).size()).isEqualTo(10);
  }

  @Test
  void sizeThatNobodySaysIsInvalid() {
    bench.registry.withoutRanges();
    bench.registry.inject(Recorded.blob(digest), Fault.chunked());

    assertFails(Failure.INVALID, () -> head(digest))
        .hasMessageContaining("does not say how large the blob is");
  }

  @ParameterizedTest
  @CsvSource({"408,TIMEOUT", "429,THROTTLED", "500,UNREACHABLE", "503,UNREACHABLE"})
  void upstreamThatFailsIsNotAskedAgain(int status, Failure failure) {
    injectHead(Fault.status(status));

    assertFails(failure, () -> head(digest));
    assertThat(methods()).containsExactly("HEAD");
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 403, 404, 405, 406, 410, 416, 501})
  void headThatSaysNoDecidesNothing(int status) throws Exception {
    injectHead(Fault.status(status));

    assertThat(head(digest).size()).isEqualTo(10);
    assertThat(methods()).containsExactly("HEAD", "GET");
    assertThat(bench.registry.requests().get(1).header("Range")).isEqualTo("bytes=0-0");
  }

  @ParameterizedTest
  @CsvSource({"401,DENIED", "403,DENIED", "404,NOT_FOUND", "400,REFUSED"})
  void getThatSaysNoDecides(int status, Failure failure) {
    bench.registry.inject(Recorded.blob(digest), Fault.status(status));

    assertFails(failure, () -> head(digest));
    assertThat(methods()).containsExactly("HEAD", "GET");
  }

  @Test
  void whereOnlyGetWorksHeadIsLeftOutForAnHour() throws Exception {
    injectHead(Fault.status(404));
    head(digest);
    head(digest);
    assertThat(methods()).containsExactly("HEAD", "GET", "GET");

    bench.pass(Duration.ofHours(1));
    head(digest);
    assertThat(methods()).containsExactly("HEAD", "GET", "GET", "HEAD", "GET");
  }

  /** Harbor has not fetched the blob yet; of another it says yes to HEAD. */
  @Test
  void headOfOneBlobSaysNothingOfAnother() throws Exception {
    head(bench.registry.putBlob("known".getBytes(UTF_8)));
    injectHead(Fault.status(404));

    assertThat(head(digest).size()).isEqualTo(10);
  }

  /** public.ecr.aws: the token is good, and HEAD is refused all the same. */
  @Test
  void headThatIsRefusedInSpiteOfAGoodTokenIsFollowedByAGet() throws Exception {
    bench.registry.requireTokens().clock(bench.clock);
    injectHead(
        Fault.reply(
            Reply.error(401, "UNAUTHORIZED", "no")
                .header(
                    "WWW-Authenticate",
                    "Bearer realm=\""
                        + bench.registry.uri()
                        + "/token\",service=\"fake-registry\"")));

    assertThat(head(digest).size()).isEqualTo(10);
    head(digest);

    assertThat(bench.registry.requests(Recorded.blob(digest)))
        .extracting(r -> r.method() + " " + r.status())
        .containsExactly("HEAD 401", "HEAD 401", "GET 206", "GET 206");
    assertThat(bench.registry.tokenRequests()).hasSize(1);
  }

  @Test
  void digestThatContradictsIsDecidedByGet() throws Exception {
    injectHead(Fault.header("Docker-Content-Digest", "sha256:" + "0".repeat(64)));

    assertThat(head(digest).size()).isEqualTo(10);
    assertThat(methods()).containsExactly("HEAD", "GET");
  }

  @Test
  void pageOfAPortalIsNoBlob() {
    bench.registry.withoutRanges();
    bench.registry.inject(
        Recorded.blob(digest),
        Fault.reply(
            Reply.of(200, Content.of("<html>log in</html>".getBytes(UTF_8)))
                .header("Content-Type", "text/html; charset=utf-8")));

    assertFails(Failure.INVALID, () -> head(digest)).hasMessageContaining("a page");
  }

  private List<String> methods() {
    return bench.registry.requests().stream().map(Recorded::method).toList();
  }

  @Test
  void typeIsCleanedOfWhatIsNone() throws Exception {
    injectHead(Fault.contentType("image/<script>; x=y"));
    assertThat(head(digest).mediaType()).isEqualTo("application/octet-stream");

    bench.registry.clearFaults();
    injectHead(Fault.contentType("application/vnd.oci.image.layer.v1.tar+gzip; x=y"));
    assertThat(upstream.headBlob(RepositoryName.of("a/b"), digest, bench.cost).mediaType())
        .isEqualTo("application/vnd.oci.image.layer.v1.tar+gzip");
  }
}
