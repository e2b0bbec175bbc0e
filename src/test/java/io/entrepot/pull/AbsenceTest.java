package io.entrepot.pull;

import static io.entrepot.pull.TagBench.fresh;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.fixture.Fault;
import io.entrepot.oci.Digest;
import io.entrepot.routing.Freshness;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How long a "not found" of the upstream stays valid. */
class AbsenceTest {
  private static final Duration NONE = Duration.ZERO;
  private static final Duration SECONDS = Duration.ofSeconds(10);
  private static final String UNKNOWN =
      Digest.ofBytes(Digest.Algorithm.SHA256, new byte[] {1}).toString();

  @TempDir Path folder;
  private TagBench bench;

  @BeforeEach
  void open() {
    bench = new TagBench(folder, 0);
    bench.start(fresh(new Freshness(NONE, List.of(), NONE, NONE, SECONDS, false, Duration.ZERO)));
  }

  @AfterEach
  void close() {
    bench.close();
  }

  private static String path(String what) {
    return "/v2/team/app/" + what.replace("$", UNKNOWN);
  }

  @ParameterizedTest
  @CsvSource({
    "GET, manifests/none, MANIFEST_UNKNOWN, 2",
    "HEAD, manifests/none, '', 2",
    "GET, manifests/$, MANIFEST_UNKNOWN, 1",
    "GET, blobs/$, BLOB_UNKNOWN, 1",
    "HEAD, blobs/$, '', 2",
    "GET, tags/list?n=5, NAME_UNKNOWN, 1"
  })
  void absenceIsAskedForOnceInItsInterval(String method, String what, String code, int cost) {
    HttpResponse<byte[]> first = bench.server().send(method, path(what));
    bench.clock.advance(SECONDS.minusMillis(1));
    HttpResponse<byte[]> second = bench.server().send(method, path(what));
    assertThat(second.statusCode()).isEqualTo(404);
    assertThat(second.body()).isEqualTo(first.body()).asString().contains(code);
    assertThat(bench.asked()).hasSize(cost);
    bench.clock.advance(Duration.ofMillis(1));
    assertThat(bench.server().send(method, path(what)).statusCode()).isEqualTo(404);
    assertThat(bench.asked()).hasSize(cost);
  }

  @Test
  void blobThatAHeadDidNotFindIsNotAskedForByAGet() {
    assertThat(bench.server().head(path("blobs/$")).statusCode()).isEqualTo(404);
    assertThat(bench.server().get(path("blobs/$")).statusCode()).isEqualTo(404);
    assertThat(bench.asked()).hasSize(2);
  }

  @Test
  void otherRepositoryIsAskedForItself() {
    bench.pull(UNKNOWN);
    assertThat(bench.server().get("/v2/else/app/manifests/" + UNKNOWN).statusCode()).isEqualTo(404);
    assertThat(bench.asked()).hasSize(2);
  }

  @Test
  void tagThatIsPushedMeanwhileIsFoundAfterThat() {
    bench.pull("none");
    bench.push("none", "one");
    assertThat(bench.pulled("none")).isEqualTo("404");
    bench.clock.advance(SECONDS);
    assertThat(bench.pulled("none")).isEqualTo("one miss");
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403, 500, 503})
  void onlyAbsenceIsBelievedWithoutAsking(int status) {
    bench.start(
        builder ->
            fresh(new Freshness(NONE, List.of(), NONE, NONE, SECONDS, false, Duration.ZERO))
                .apply(builder.set("proxy.breaker.failures", "1000")));
    bench.upstream.inject(request -> true, Fault.status(status));
    for (String what : List.of("manifests/none", "manifests/$", "blobs/$", "tags/list")) {
      int told = bench.server().get(path(what)).statusCode();
      int cost = bench.asked().size();
      assertThat(told).isGreaterThan(402).isNotEqualTo(404);
      assertThat(bench.server().get(path(what)).statusCode()).isEqualTo(told);
      assertThat(bench.asked()).hasSize(cost);
    }
  }

  /** The upstream is not asked for a second, but its next answer is used. */
  @Test
  void tooManyRequestsIsNoAbsence() {
    bench.upstream.inject(request -> true, Fault.throttled("0"), 1);
    assertThat(bench.pulled("none")).isEqualTo("429");
    assertThat(bench.pulled("none")).isEqualTo("429");
    assertThat(bench.asked()).hasSize(1);
    bench.push("none", "one");
    await().until(() -> !bench.pulled("none").equals("429"));
    assertThat(bench.pulled("none")).startsWith("one ");
  }

  @Test
  void clockThatIsSetBackForgetsAbsences() {
    bench.pull("none");
    bench.clock.advance(Duration.ofHours(-1));
    bench.push("none", "one");
    assertThat(bench.pulled("none")).isEqualTo("one miss");
  }
}
