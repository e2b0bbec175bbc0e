package io.entrepot.upstream.pace;

import static io.entrepot.upstream.registry.Bench.REPOSITORY;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Digest;
import io.entrepot.upstream.Offline;
import io.entrepot.upstream.Quota;
import io.entrepot.upstream.registry.Bench;
import io.entrepot.upstream.registry.HttpRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an upstream says is left of the requests it grants. */
class QuotaTest {
  private static final Instant NOW = Instant.EPOCH;

  private static Quota parse(String limit, String remaining, String source) {
    Map<String, String> headers =
        Map.of(
            "RateLimit-Limit", limit,
            "RateLimit-Remaining", remaining,
            "Docker-RateLimit-Source", source);
    return Quota.parse(headers::get, NOW).orElse(null);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "100;w=21600|76;w=21600|PT6H",
        " 100 ; w = 21600 |76|PT6H",
        "100;policy=x;w=60|76|PT1M",
        "100, 100;w=60|76|",
        "100|76;w=60|PT1M",
        "100;w=0|76|",
        "100;w=many|76|"
      })
  void countsAndWindowAreRead(String limit, String remaining, Duration window) {
    assertThat(parse(limit, remaining, "192.0.2.7"))
        .isEqualTo(new Quota(OptionalLong.of(100), 76, window, "192.0.2.7", NOW));
  }

  @Test
  void remainderWithoutALimitIsAQuota() {
    assertThat(Quota.parse(n -> n.equals("RateLimit-Remaining") ? "7" : null, NOW))
        .contains(new Quota(OptionalLong.empty(), 7, null, null, NOW));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "many", "-1", ";w=60", "9999999999999999", "w=6"})
  void withoutARemainderThereIsNoQuota(String remaining) {
    assertThat(parse("100;w=60", remaining, "x")).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"two words", "line\nbreak", "\u001b[31m", ""})
  void sourceThatIsNoNameIsDropped(String source) {
    assertThat(parse("100", "7", source).source()).isNull();
  }

  @Property
  void garbageNeverThrows(
      @ForAll @StringLength(max = 80) String limit,
      @ForAll @CharRange(from = ' ', to = '~') @StringLength(max = 80) String remaining,
      @ForAll String source) {
    Quota quota = parse(limit, remaining, source);
    if (quota != null) {
      assertThat(quota.remaining()).isNotNegative();
      quota.isScarce(10, Duration.ofSeconds(1));
    }
  }

  @Property
  void whatIsWrittenIsReadBack(
      @ForAll @LongRange(min = 0, max = 999_999_999_999_999L) long limit,
      @ForAll @LongRange(min = 0, max = 999_999_999_999_999L) long remaining,
      @ForAll @IntRange(min = 1, max = 999_999_999) int seconds) {
    Quota quota = parse(limit + ";w=" + seconds, remaining + ";w=" + seconds, "x");
    assertThat(quota)
        .isEqualTo(
            new Quota(OptionalLong.of(limit), remaining, Duration.ofSeconds(seconds), "x", NOW));
  }

  @ParameterizedTest
  @CsvSource({
    // Of 100 in 6 hours one comes back every 216 seconds.
    "10, 0, 10, false", "9, 0, 10, true", "9, 215, 10, true", "9, 217, 10, false",
    "0, 2159, 10, true", "0, 2161, 10, false", "0, 21599, 100, true", "0, 21600, 100, false",
    "0, 0, 0, false", "99, 0, 100, true"
  })
  void quotaIsScarceUntilEnoughOfItHasComeBack(
      long remaining, long ageSeconds, int percent, boolean scarce) {
    Quota quota = parse("100;w=21600", String.valueOf(remaining), "x");
    assertThat(quota.isScarce(percent, Duration.ofSeconds(ageSeconds))).isEqualTo(scarce);
  }

  @Test
  void quotaOfUnknownLimitIsScarceWhenNothingIsLeft() {
    Quota some = new Quota(OptionalLong.empty(), 1, null, null, NOW);
    Quota none = new Quota(OptionalLong.empty(), 0, null, null, NOW);
    assertThat(some.isScarce(10, Duration.ZERO)).isFalse();
    assertThat(none.isScarce(10, Duration.ofMinutes(59))).isTrue();
    assertThat(none.isScarce(10, Duration.ofMinutes(60))).isFalse();
  }

  @Test
  void upstreamRemembersWhatItWasTold() throws Exception {
    try (Bench bench = new Bench()) {
      HttpRegistry upstream = bench.upstream();
      Digest digest = bench.registry.putBlob(new byte[] {1});
      assertThat(upstream.quota()).isEmpty();
      assertThat(gauge(bench, "remaining")).isNaN();
      assertThat(upstream.isScarce()).isFalse();

      bench.registry.inject(Recorded.blob(digest), Fault.header("ratelimit-limit", "100;w=21600"));
      bench.registry.inject(
          Recorded.blob(digest), Fault.header("ratelimit-remaining", "4;w=21600"));
      upstream.headBlob(REPOSITORY, digest, bench.cost);

      assertThat(upstream.quota())
          .contains(
              new Quota(OptionalLong.of(100), 4, Duration.ofHours(6), null, bench.clock.instant()));
      assertThat(gauge(bench, "remaining")).isEqualTo(4);
      assertThat(gauge(bench, "limit")).isEqualTo(100);
      assertThat(upstream.isScarce()).isTrue();
      bench.pass(Duration.ofMinutes(22));
      assertThat(upstream.isScarce()).isFalse();
    }
  }

  /** One at a time: who is counted by another address now is not counted by the old one. */
  @Test
  void whomTheUpstreamCountsIsAMetric() throws Exception {
    try (Bench bench = new Bench()) {
      HttpRegistry upstream = bench.upstream();
      Digest digest = bench.registry.putBlob(new byte[] {1});
      for (String source : List.of("192.0.2.1", "192.0.2.1", "someone")) {
        bench.registry.clearFaults();
        bench.registry.inject(Recorded.blob(digest), Fault.header("ratelimit-remaining", "9"));
        bench.registry.inject(
            Recorded.blob(digest), Fault.header("docker-ratelimit-source", source));
        upstream.headBlob(REPOSITORY, digest, bench.cost);

        assertThat(bench.meters.get("entrepot.upstream.ratelimit.source").gauges())
            .singleElement()
            .satisfies(g -> assertThat(g.getId().getTag("source")).isEqualTo(source))
            .satisfies(g -> assertThat(g.value()).isEqualTo(1));
      }
    }
  }

  @Test
  void whatLiesElsewhereHasNoSayInTheQuota() throws Exception {
    try (Bench bench = new Bench(FakeRegistry.start())) {
      HttpRegistry upstream = bench.upstream();
      Digest digest = bench.registry.putBlob(new byte[] {1});
      bench.registry.redirectBlobs();
      bench.registry.inject(
          r -> r.path().startsWith("/cdn/"), Fault.header("ratelimit-remaining", "0"));
      bench.fetch(upstream, digest);
      assertThat(bench.registry.redirectedRequests()).hasSize(1);
      assertThat(upstream.quota()).isEmpty();
    }
  }

  @Test
  void offlineUpstreamIsNeverScarce() {
    assertThat(new Offline().isScarce()).isFalse();
  }

  private static double gauge(Bench bench, String name) {
    return bench.meters.get("entrepot.upstream.ratelimit." + name).gauge().value();
  }
}
