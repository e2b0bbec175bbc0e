package io.entrepot.pull;

import static io.entrepot.pull.TagBench.fresh;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.entrepot.oci.Digest;
import io.entrepot.routing.Freshness;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What {@code /api/explain} says of the rules for a tag. No answer sends an upstream request. */
class ExplainRuleTest extends ExplainFixture {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration NONE = Duration.ZERO;

  @Test
  void intervalAndWindowOfATagAreTold() {
    bench.start(fresh(new Freshness(MINUTE, List.of(), NONE, MINUTE, NONE, false, Duration.ZERO)));
    bench.push("latest", "one");
    bench.pull("latest");
    bench.clock.advance(MINUTE);
    JsonNode late = explain("team/app");
    assertThat(late.at("/rule").toString())
        .isEqualTo(
            """
            {"kind":"interval","tags":null,"revalidateSeconds":60,"staleWindowSeconds":60,\
            "coolingSeconds":0,"pins":[]}""");
    assertThat(late.at("/cache/state").asText()).isEqualTo("late");
    assertThat(late.get("sentence").asText()).contains("at once, while the upstream is asked");
    assertCost(late, 1, false, 0);
    bench.clock.advance(MINUTE);
    JsonNode stale = explain("team/app");
    assertThat(stale.at("/cache/state").asText()).isEqualTo("stale");
    assertThat(stale.at("/cache/ageSeconds").asInt()).isEqualTo(120);
    assertThat(stale.at("/cache/nextRevalidation").isNull()).isTrue();
    assertCost(stale, 1, true, 0);
  }

  @Test
  void ruleAndPinsOfAnImmutableTagAreTold() {
    bench.start(
        b ->
            TagBench.pinned("team/*:v?.*", "other/*").apply(TagBench.immutableReleases().apply(b)));
    bench.push("v1.2.3", "one");
    bench.pull("v1.2.3");
    JsonNode explanation = explain("team/app:v1.2.3");
    assertThat(explanation.at("/rule").toString())
        .isEqualTo(
            """
            {"kind":"immutable","tags":"v*.*.*","revalidateSeconds":null,"staleWindowSeconds":0,\
            "coolingSeconds":0,"pins":["team/*:v?.*"]}""");
    assertThat(explanation.get("sentence").asText()).contains("because the tag is immutable");
  }

  /** What it says is what the next pull costs: that one is served, and followed by a HEAD. */
  @Test
  void dailyCheckOfAnImmutableTagIsTold() {
    bench.start(TagBench.immutableReleases());
    bench.push("v1.2.3", "one");
    bench.pull("v1.2.3");
    assertCost(explain("team/app:v1.2.3"), 0, false, 0);
    bench.clock.advance(Duration.ofHours(25));
    bench.asked();

    JsonNode told = explain("team/app:v1.2.3");

    assertThat(told.get("sentence").asText()).contains("once every day");
    assertCost(told, 1, false, 0);
    assertThat(bench.pulled("v1.2.3")).isEqualTo("one hit");
    await().until(() -> !bench.upstream.requests().isEmpty());
    assertThat(bench.asked()).hasSize(1);
  }

  @Test
  void coolingIsTold() {
    bench.start(TagBench.cooling(Duration.ofDays(2)));
    Digest one = bench.push("latest", "one");
    bench.pull("latest");
    bench.push("latest", "two");
    bench.pull("latest");
    JsonNode explanation = explain("team/app");
    assertThat(explanation.at("/rule/coolingSeconds").asLong()).isEqualTo(172_800);
    assertThat(explanation.at("/cache/deviation").asText()).isEqualTo("cooled");
    assertThat(explanation.at("/cache/digest").asText()).isEqualTo(one.toString());
  }
}
