package io.entrepot.pull;

import static io.entrepot.pull.TagBench.cooling;
import static io.entrepot.pull.TagBench.path;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.boot.TestServer;
import io.entrepot.oci.Digest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tags that lead to a new digest only some days after the upstream first returned it. */
class CoolingTest {
  private static final Duration DAY = Duration.ofDays(1);

  @TempDir Path folder;
  private TagBench bench;

  @BeforeEach
  void open() {
    bench = new TagBench(folder, 40);
  }

  @AfterEach
  void close() {
    bench.close();
  }

  @Test
  void tagLeadsToTheNewestDigestThatIsOldEnough() {
    bench.start(cooling(DAY.multipliedBy(7)));
    bench.push("latest", "one");
    assertThat(bench.pulled("latest")).isEqualTo("one miss");
    bench.clock.advance(DAY);
    Digest two = bench.push("latest", "two");
    bench.asked();
    assertThat(bench.pulled("latest")).isEqualTo("one cooled");
    assertThat(bench.asked()).containsExactly("HEAD " + path("latest"));
    bench.clock.advance(DAY.multipliedBy(7).minusSeconds(1));
    assertThat(bench.pulled("latest")).isEqualTo("one cooled");
    bench.clock.advance(Duration.ofSeconds(1));
    bench.asked();
    assertThat(bench.pulled("latest")).isEqualTo("two miss");
    assertThat(bench.asked()).containsExactly("HEAD " + path("latest"), "GET " + path(two));
  }

  @Test
  void outcomeAndDetailTellOfCooling() {
    bench.start(cooling(DAY));
    bench.push("latest", "one");
    bench.pull("latest");
    bench.push("latest", "two");
    HttpResponse<byte[]> cooled = bench.pull("latest");
    assertThat(cooled.headers().firstValue("Cache-Status"))
        .hasValue("entrepot; fwd=stale; fwd-status=200; detail=cooled");
    assertThat(cooled.headers().firstValue("Docker-Content-Digest"))
        .hasValue(Digest.ofBytes(Digest.Algorithm.SHA256, TagBench.manifest("one")).toString());
  }

  @Test
  void digestsThatComeInSuccessionAreEachServedAfterTheirTime() {
    bench.start(cooling(DAY.multipliedBy(2)));
    for (int day = 0; day < 6; day++) {
      bench.push("nightly", "day" + day);
      assertThat(bench.pulled("nightly")).startsWith("day" + Math.max(0, day - 2) + " ");
      bench.clock.advance(DAY);
    }
  }

  @Test
  void tagThatTheUpstreamSetsBackFollowsAtOnce() {
    bench.start(cooling(DAY));
    Digest one = bench.push("latest", "one");
    bench.pull("latest");
    bench.push("latest", "two");
    bench.pull("latest");
    bench.clock.advance(DAY);
    assertThat(bench.pulled("latest")).isEqualTo("two miss");
    bench.clock.advance(Duration.ofMillis(1));
    bench.upstream.moveTag("team/app", "latest", one);
    assertThat(bench.pulled("latest")).isEqualTo("one revalidated");
  }

  @Test
  void withoutCoolingTheTagFollowsAtOnce() {
    bench.start(cooling(Duration.ZERO));
    bench.push("latest", "one");
    bench.pull("latest");
    bench.push("latest", "two");
    assertThat(bench.pulled("latest")).isEqualTo("two miss");
  }

  @Test
  void cooledDigestThatWasEvictedIsFetchedByDigest() {
    Digest one = pullLongAgo();
    assertThat(bench.pulled("latest")).isEqualTo("one cooled");
    assertThat(bench.asked()).containsExactly("HEAD " + path("latest"), "GET " + path(one));
  }

  @Test
  void cooledDigestThatTheUpstreamHasDeletedIsAnErrorThatSaysSo() {
    Digest one = pullLongAgo();
    bench.upstream.deleteManifest("team/app", one);
    HttpResponse<byte[]> lost = bench.pull("latest");
    assertThat(lost.statusCode()).isEqualTo(404);
    assertThat(TagBench.text(lost)).contains("MANIFEST_UNKNOWN", one.toString(), "is too young");
  }

  /** Pulls a tag with the digest of manifest one, evicts it, and moves the tag to manifest two. */
  private Digest pullLongAgo() {
    UnaryOperator<TestServer.Builder> cooling = cooling(DAY.multipliedBy(100));
    bench.startLongAgo(cooling, builder -> builder);
    final Digest one = bench.push("latest", "one");
    assertThat(bench.pulled("latest")).isEqualTo("one miss");
    bench.push("latest", "two");
    assertThat(bench.pulled("latest")).isEqualTo("one cooled");
    bench.expire(cooling, builder -> builder);
    await().until(() -> bench.server().stats().contains("\"blobs\":0"));
    bench.asked();
    return one;
  }
}
