package io.entrepot.upstream.registry;

import static io.entrepot.upstream.registry.Bench.REPOSITORY;
import static io.entrepot.upstream.registry.Bench.assertFails;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.fixture.Content;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Recorded;
import io.entrepot.fixture.Reply;
import io.entrepot.oci.Digest;
import io.entrepot.upstream.BrokenResponse;
import io.entrepot.upstream.FetchRange;
import io.entrepot.upstream.UpstreamBody;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What comes of asking for a blob. */
@Timeout(60)
class BlobFetchTest {
  private static final byte[] BYTES = "0123456789abcdefghij".getBytes(UTF_8);

  private final Bench bench = new Bench();
  private final HttpRegistry upstream = bench.connected();
  private final Digest digest = bench.registry.putBlob(BYTES);

  @AfterEach
  void close() {
    bench.close();
  }

  @Test
  void wholeBlobTakesOneRequest() throws Exception {
    try (UpstreamBody body = upstream.fetchBlob(REPOSITORY, digest, FetchRange.WHOLE, bench.cost)) {
      assertThat(body.stream().readAllBytes()).isEqualTo(BYTES);
      assertThat(body.offset()).isZero();
      assertThat(body.blobSize()).hasValue(20);
      assertThat(body.etag()).isEqualTo("\"" + digest + "\"");
    }
    assertThat(bench.cost.requests()).isEqualTo(1);
    Recorded request = bench.registry.requests().get(0);
    assertThat(request.method()).isEqualTo("GET");
    assertThat(request.path()).isEqualTo("/v2/library/alpine/blobs/" + digest);
    assertThat(request.query()).isNull();
    assertThat(bench.registry.requests()).hasSize(1);
  }

  @Test
  void requestSaysNoMoreThanItMust() throws Exception {
    bench.fetch(bench.upstream(o -> o.wire(w -> w.withUserAgent("entrepot/7"))), digest);

    Recorded request = bench.registry.requests().get(0);
    assertThat(request.headers())
        .containsOnlyKeys("accept-encoding", "connection", "host", "user-agent");
    assertThat(request.header("Accept-Encoding")).isEqualTo("identity");
    assertThat(request.header("Connection")).isEqualTo("keep-alive");
    assertThat(request.header("User-Agent")).isEqualTo("entrepot/7");
  }

  @Test
  void sha512BlobIsAskedForByItsName() throws Exception {
    Digest long512 = bench.registry.putBlob(Bench.NAME, Digest.Algorithm.SHA512, Content.of(BYTES));

    assertThat(bench.fetch(upstream, long512)).isEqualTo(BYTES);
    assertThat(bench.registry.requests().get(0).path()).endsWith("/blobs/sha512:" + long512.hex());
  }

  @ParameterizedTest
  @CsvSource({"5,9,5-9", "5,MAX,5-", "0,0,0-0", "0,18,0-18"})
  void stretchIsAskedForAndSent(long first, String end, String header) throws Exception {
    long last = end.equals("MAX") ? Long.MAX_VALUE : Long.parseLong(end);
    try (UpstreamBody body = fetch(new FetchRange(first, last, earlier("\"" + digest + "\"")))) {
      assertThat(body.stream().readAllBytes())
          .isEqualTo(Arrays.copyOfRange(BYTES, (int) first, (int) Math.min(19, last) + 1));
      assertThat(body.offset()).isEqualTo(first);
      assertThat(body.blobSize()).hasValue(20);
    }
    Recorded request = bench.registry.requests().get(0);
    assertThat(request.header("Range")).isEqualTo("bytes=" + header);
    assertThat(request.header("If-Range")).isEqualTo("\"" + digest + "\"");
  }

  @Test
  void stretchPastTheEndIsAnsweredUpToTheEnd() throws Exception {
    try (UpstreamBody body = fetch(new FetchRange(15, 500, null))) {
      assertThat(body.stream().readAllBytes()).isEqualTo("fghij".getBytes(UTF_8));
    }
  }

  @Test
  void changedBlobIsSentWholeFromOffsetZero() throws Exception {
    bench.registry.etag(digest, "\"another\"");

    try (UpstreamBody body =
        fetch(new FetchRange(5, Long.MAX_VALUE, earlier("\"" + digest + "\"")))) {
      assertThat(body.offset()).isZero();
      assertThat(body.stream().readAllBytes()).isEqualTo(BYTES);
      assertThat(body.etag()).isEqualTo("\"another\"");
    }
  }

  @Test
  void upstreamWithoutRangesSendsItAllFromOffsetZero() throws Exception {
    bench.registry.withoutRanges();

    try (UpstreamBody body = fetch(new FetchRange(5, 9, null))) {
      assertThat(body.offset()).isZero();
      assertThat(body.stream().readAllBytes()).isEqualTo(BYTES);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"W/\"weak\"", "unquoted", "\""})
  void onlyStrongEtagContinuesABlob(String etag) throws Exception {
    bench.registry.etag(digest, etag);
    try (UpstreamBody body = fetch(FetchRange.WHOLE)) {
      assertThat(body.etag()).isNull();
    }
    try (UpstreamBody body = fetch(new FetchRange(5, 9, earlier(etag)))) {
      assertThat(body.offset()).isEqualTo(5);
    }
    assertThat(bench.registry.requests().get(1).headers()).doesNotContainKey("if-range");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bytes 6-9/20",
        "bytes 5-8/20",
        "bytes 5-10/20",
        "bytes */20",
        "bytes 5-9/9",
        "items 5-9/20",
        "bytes 5-9",
        "bytes 99999999999999999999-9/20",
        ""
      })
  void otherRangeThanAskedForIsInvalid(String contentRange) {
    inject(Fault.header("Content-Range", contentRange));

    assertFails(Failure.INVALID, () -> fetch(new FetchRange(5, 9, null)))
        .hasMessageContaining("another range");
  }

  @Test
  void partOfUnknownWholeIsAccepted() throws Exception {
    inject(Fault.header("Content-Range", "bytes 5-19/*"));

    try (UpstreamBody body = fetch(new FetchRange(5, Long.MAX_VALUE, null))) {
      assertThat(body.offset()).isEqualTo(5);
      assertThat(body.blobSize()).isEmpty();
    }
  }

  @Test
  void lengthThatContradictsTheRangeIsInvalid() {
    inject(Fault.declareLength(6));

    assertFails(Failure.INVALID, () -> fetch(new FetchRange(5, 9, null)))
        .hasMessageContaining("Content-Length contradicts");
  }

  @Test
  void partWhereAllWasAskedForIsInvalid() {
    inject(Fault.reply(Reply.json(206, "{}")));

    assertFails(Failure.INVALID, () -> fetch(FetchRange.WHOLE)).hasMessageContaining("206");
  }

  @Test
  void rangePastTheEndIsInvalid() {
    assertFails(Failure.INVALID, () -> fetch(new FetchRange(20, 25, null)))
        .hasMessageContaining("416");
  }

  @Test
  void lengthIsUnknownWhenTheUpstreamDoesNotSay() throws Exception {
    inject(Fault.chunked());

    try (UpstreamBody body = fetch(FetchRange.WHOLE)) {
      assertThat(body.blobSize()).isEmpty();
      assertThat(body.stream().readAllBytes()).isEqualTo(BYTES);
    }
  }

  @Test
  void emptyAnswerSaysItsSize() throws Exception {
    inject(Fault.empty());

    try (UpstreamBody body = fetch(FetchRange.WHOLE)) {
      assertThat(body.blobSize()).hasValue(0);
      assertThat(body.stream().readAllBytes()).isEmpty();
    }
  }

  @Test
  void bytesCountWhateverTheirEncodingIsCalled() throws Exception {
    inject(Fault.header("Content-Encoding", "gzip"));

    assertThat(bench.fetch(upstream, digest)).isEqualTo(BYTES);
  }

  @Test
  void digestThatContradictsTheQuestionIsInvalid() {
    inject(Fault.header("Docker-Content-Digest", "sha256:" + "0".repeat(64)));

    assertFails(Failure.INVALID, () -> fetch(FetchRange.WHOLE))
        .hasMessageContaining("Docker-Content-Digest is sha256:000");
  }

  @Test
  void digestOfAnotherAlgorithmSaysNothing() throws Exception {
    inject(Fault.header("Docker-Content-Digest", "sha512:" + "0".repeat(128)));

    assertThat(bench.fetch(upstream, digest)).isEqualTo(BYTES);
  }

  @ParameterizedTest
  @CsvSource({
    "400,REFUSED",
    "401,DENIED",
    "403,DENIED",
    "404,NOT_FOUND",
    "405,REFUSED",
    "407,UNREACHABLE",
    "408,TIMEOUT",
    "416,INVALID",
    "429,THROTTLED",
    "500,UNREACHABLE",
    "503,UNREACHABLE",
    "204,INVALID",
    "304,INVALID"
  })
  void statusSaysWhatFailed(int status, Failure failure) {
    inject(Fault.status(status));

    assertFails(failure, () -> fetch(FetchRange.WHOLE))
        .hasMessageStartingWith(
            "GET %s/v2/library/alpine/blobs/%s failed: %d"
                .formatted(bench.registry.uri(), digest, status));
    assertThat(bench.registry.requests()).hasSize(1);
  }

  @Test
  void messageQuotesTheUpstreamButNotItsTricks() {
    inject(
        Fault.reply(
            Reply.error(500, "BAD\\u001b[31m", "see https://x/y?X-Signature=hush for\\r\\nmore")));

    assertFails(Failure.UNREACHABLE, () -> fetch(FetchRange.WHOLE))
        .hasMessageEndingWith("failed: 500 (\"BAD?[31m\" \"see https://x/y?… for??more\")");
  }

  @ParameterizedTest
  @CsvSource({"17, PT17S", "'Thu, 01 Jan 2026 00:00:42 GMT', PT42S", "999999, PT24H", "soon,"})
  void retryAfterIsPassedOnAndCapped(String header, Duration expected) {
    inject(Fault.throttled(header));

    assertFails(Failure.THROTTLED, () -> fetch(FetchRange.WHOLE))
        .satisfies(e -> assertThat(e.retryAfter()).isEqualTo(Optional.ofNullable(expected)));
  }

  private UpstreamBody fetch(FetchRange range) throws UpstreamException {
    return upstream.fetchBlob(REPOSITORY, digest, range, bench.cost);
  }

  private BrokenResponse earlier(String etag) {
    return new BrokenResponse(upstream.uri(), etag, OptionalLong.empty());
  }

  private void inject(Fault fault) {
    bench.registry.inject(Recorded.blob(digest), fault);
  }
}
