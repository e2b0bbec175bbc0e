package io.entrepot.pull;

import static io.entrepot.pull.TagBench.detail;
import static io.entrepot.pull.TagBench.fresh;
import static io.entrepot.pull.TagBench.path;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Gate;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.NamePattern;
import io.entrepot.routing.Freshness;
import io.entrepot.routing.TagRule;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When the upstream is asked about a tag, and what clients get until it answers. */
class FreshnessTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration NONE = Duration.ZERO;
  private static final Freshness WINDOW =
      new Freshness(MINUTE, List.of(), NONE, HOUR, NONE, false, Duration.ZERO);

  @TempDir Path folder;
  private TagBench bench;

  @BeforeEach
  void open() {
    bench = new TagBench(folder, 0);
    bench.push("latest", "one");
    bench.push("v1.2.3", "release");
  }

  @AfterEach
  void close() {
    bench.close();
  }

  @Test
  void firstRuleThatMatchesATagSaysItsInterval() {
    List<TagRule> rules =
        List.of(
            TagRule.every(new NamePattern("lat*"), MINUTE),
            TagRule.every(new NamePattern("latest"), HOUR),
            TagBench.RELEASES);
    bench.start(fresh(new Freshness(NONE, rules, NONE, NONE, NONE, false, Duration.ZERO)));
    bench.pull("latest");
    bench.pull("v1.2.3");
    bench.asked();
    bench.clock.advance(MINUTE.minusSeconds(1));
    assertThat(bench.pulled("latest")).isEqualTo("one hit");
    bench.clock.advance(Duration.ofDays(1000));
    assertThat(bench.pulled("v1.2.3")).isEqualTo("release hit");
    await().until(() -> !bench.upstream.requests().isEmpty());
    assertThat(bench.asked()).as("the look of the day").containsExactly("HEAD " + path("v1.2.3"));
    assertThat(bench.pulled("v1.2.3")).isEqualTo("release hit");
    assertThat(bench.asked()).isEmpty();
    assertThat(bench.pulled("latest")).isEqualTo("one revalidated");
    assertThat(bench.asked()).containsExactly("HEAD " + path("latest"));
  }

  @Test
  void upstreamThatPromisesMoreThanTheIntervalIsBelievedAlsoAfterARestart() {
    answering("Cache-Control", "public, max-age=300");
    answering("Age", "100");
    Freshness freshness = new Freshness(MINUTE, List.of(), HOUR, NONE, NONE, false, Duration.ZERO);
    bench.start(fresh(freshness));
    bench.pull("latest");
    bench.clock.advance(Duration.ofSeconds(199));
    bench.start(fresh(freshness));
    assertThat(bench.pulled("latest")).isEqualTo("one hit");
    assertThat(bench.asked()).isEmpty();
    bench.clock.advance(Duration.ofSeconds(1));
    assertThat(bench.pulled("latest")).isEqualTo("one revalidated");
  }

  @Test
  void upstreamsPromiseIsCapped() {
    answering("Cache-Control", "max-age=86400");
    bench.start(fresh(new Freshness(NONE, List.of(), MINUTE, NONE, NONE, false, Duration.ZERO)));
    bench.pull("latest");
    bench.clock.advance(MINUTE.minusSeconds(1));
    assertThat(bench.pulled("latest")).isEqualTo("one hit");
    bench.clock.advance(Duration.ofSeconds(1));
    assertThat(bench.pulled("latest")).isEqualTo("one revalidated");
  }

  @ParameterizedTest
  @ValueSource(strings = {"max-age=0", "max-age=300, no-cache", "no-store", "max-age=5"})
  void upstreamThatPromisesLessLeavesTheInterval(String promise) {
    answering("Cache-Control", promise);
    bench.start(fresh(new Freshness(MINUTE, List.of(), HOUR, NONE, NONE, false, Duration.ZERO)));
    bench.pull("latest");
    bench.clock.advance(MINUTE.minusSeconds(1));
    assertThat(bench.pulled("latest")).isEqualTo("one hit");
    bench.clock.advance(Duration.ofSeconds(1));
    assertThat(bench.pulled("latest")).isEqualTo("one revalidated");
  }

  private void answering(String header, String value) {
    bench.upstream.inject(Recorded.manifest("latest"), Fault.header(header, value));
  }

  @Test
  void tagWithinTheWindowIsServedAtOnceWhileOneRequestChecks() {
    bench.start(fresh(WINDOW));
    bench.pull("latest");
    bench.asked();
    bench.clock.advance(MINUTE.multipliedBy(2));
    bench.push("latest", "two");
    Gate gate = new Gate();
    bench.upstream.inject(Recorded.manifest("latest"), Fault.gateBeforeHead(gate), 1);
    for (int i = 0; i < 20; i++) {
      HttpResponse<byte[]> response = bench.pull("latest");
      assertThat(response.body()).isEqualTo(TagBench.manifest("one"));
      assertThat(response.headers().firstValue("Cache-Status"))
          .hasValue("entrepot; hit; detail=revalidating");
      assertThat(response.headers().firstValue("Age")).hasValue("120");
      assertThat(response.headers().firstValue("Warning")).isEmpty();
    }
    gate.release();
    await().until(() -> bench.pulled("latest").equals("two hit"));
    assertThat(bench.asked()).filteredOn(a -> a.startsWith("HEAD")).hasSize(1);
  }

  @Test
  void tagBeyondTheWindowWaitsForTheUpstream() {
    bench.start(fresh(WINDOW));
    bench.pull("latest");
    bench.clock.advance(HOUR.plus(MINUTE));
    bench.push("latest", "two");
    assertThat(bench.pulled("latest")).isEqualTo("two miss");
  }

  @Test
  void refusalOfABackgroundRequestEndsTheWindow() {
    bench.start(fresh(WINDOW));
    bench.pull("latest");
    bench.clock.advance(MINUTE);
    bench.upstream.inject(Recorded.manifest("latest"), Fault.status(403));
    assertThat(bench.pulled("latest")).isEqualTo("one revalidating");
    await().until(() -> bench.pulled("latest").equals("403"));
    assertThat(bench.pulled("latest")).isEqualTo("403");
    bench.upstream.clearFaults();
    assertThat(bench.pulled("latest")).isEqualTo("one revalidated");
  }

  @Test
  void failureOfABackgroundRequestIsNotShownWithinTheWindow() {
    bench.start(fresh(WINDOW));
    bench.pull("latest");
    bench.clock.advance(MINUTE);
    bench.upstream.inject(Recorded.manifest("latest"), Fault.status(503));
    bench.asked();
    assertThat(bench.pulled("latest")).isEqualTo("one revalidating");
    await().until(() -> !bench.upstream.requests().isEmpty());
    assertThat(bench.pulled("latest")).isEqualTo("one revalidating");
  }

  private void quota(int remaining) {
    bench.upstream.clearFaults();
    bench.upstream.inject(r -> true, Fault.header("RateLimit-Limit", "100;w=21600"));
    bench.upstream.inject(r -> true, Fault.header("RateLimit-Remaining", remaining + ";w=21600"));
  }

  @Test
  void scarceQuotaIsNotSpentOnWhatIsHere() {
    bench.start(fresh(Freshness.of(NONE, false)));
    quota(3);
    bench.pull("latest");
    bench.asked();
    bench.clock.advance(MINUTE);
    HttpResponse<byte[]> stale = bench.pull("latest");
    assertThat(stale.body()).isEqualTo(TagBench.manifest("one"));
    assertThat(detail(stale)).isEqualTo("scarce");
    assertThat(stale.headers().firstValue("Age")).hasValue("60");
    assertThat(stale.headers().firstValue("Warning")).isPresent();
    assertThat(bench.asked()).isEmpty();
    assertThat(bench.pulled("v1.2.3")).isEqualTo("release miss");
    bench.push("v2.0.0", "another");
    quota(90);
    assertThat(bench.pulled("v2.0.0")).isEqualTo("another miss");
    assertThat(bench.pulled("latest")).isEqualTo("one revalidated");
  }

  @Test
  void scarceQuotaIsNotSpentOnReferrersThatAreKnown() {
    bench.start(fresh(Freshness.of(NONE, false)));
    String referrers = "/v2/team/app/referrers/" + bench.push("latest", "one");
    bench.server().get(referrers);
    bench.clock.advance(Duration.ofSeconds(2));
    assertThat(detail(bench.server().get(referrers))).isEqualTo("miss");
    quota(3);
    bench.pull("v1.2.3");
    bench.asked();
    bench.clock.advance(Duration.ofSeconds(2));
    assertThat(detail(bench.server().get(referrers))).isEqualTo("stale");
    assertThat(bench.asked()).isEmpty();
  }
}
