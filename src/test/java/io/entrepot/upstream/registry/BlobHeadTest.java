package io.entrepot.upstream.registry;

import static io.entrepot.upstream.registry.Bench.REPOSITORY;
import static io.entrepot.upstream.registry.Bench.assertFails;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is learned of a blob without downloading it (F10). */
@Timeout(60)
class BlobHeadTest {
  private static final byte[] BYTES = "0123456789".getBytes(UTF_8);

  private final Bench bench = new Bench();
  private final HttpRegistry upstream = bench.upstream();
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
        .hasMessageStartingWith("HEAD " + bench.registry.uri());
    assertThat(bench.registry.requests()).hasSize(1);
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
  @CsvSource({"403,DENIED", "404,NOT_FOUND", "429,THROTTLED", "500,UNREACHABLE"})
  void failedHeadIsNotAskedAgain(int status, Failure failure) {
    injectHead(Fault.status(status));

    assertFails(failure, () -> head(digest));
    assertThat(bench.registry.requests()).hasSize(1);
  }

  @Test
  void digestThatContradictsIsInvalid() {
    injectHead(Fault.header("Docker-Content-Digest", "sha256:" + "0".repeat(64)));

    assertFails(Failure.INVALID, () -> head(digest));
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
