package io.entrepot.pull;

import static io.entrepot.pull.TagBench.immutableReleases;
import static io.entrepot.pull.TagBench.path;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.boot.TestServer;
import io.entrepot.fixture.Fault;
import io.entrepot.oci.Digest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Immutable tags that the upstream has moved. */
class ImmutableTagTest {
  private final Logger logger = Logger.getLogger("io.entrepot.cache.tags.TagResolver");
  @TempDir Path folder;
  private TagBench bench;

  @BeforeEach
  void open() {
    bench = new TagBench(folder, 40);
  }

  @AfterEach
  void close() {
    for (Handler handler : logger.getHandlers()) {
      logger.removeHandler(handler);
    }
    bench.close();
  }

  @Test
  void tagThatHasMovedLeadsWhereItLedAndIsReportedOnce() {
    Digest one = evictAndMove(immutableReleases());
    List<String> errors = Collections.synchronizedList(new ArrayList<>());
    errorsInto(errors);
    assertThat(bench.pulled("v1.2.3")).isEqualTo("one moved");
    assertThat(errors)
        .singleElement()
        .asString()
        .contains("team/app:v1.2.3", "has moved it from " + one);
    assertThat(bench.asked()).containsExactly("HEAD " + path("v1.2.3"), "GET " + path(one));
    assertThat(bench.pulled("v1.2.3")).isEqualTo("one moved");
    assertThat(bench.asked()).isEmpty();
    assertThat(bench.metrics()).containsPattern("entrepot_tags_moved_total\\{.*} 1.0");
  }

  @Test
  void tagThatHasNotMovedIsNoNews() {
    evict(immutableReleases());
    assertThat(bench.pulled("v1.2.3")).isEqualTo("one miss");
    assertThat(bench.metrics()).containsPattern("entrepot_tags_moved_total\\{.*} 0.0");
  }

  @Test
  void movedTagWhoseDigestIsGoneIsRefusedAndReportedOnce() {
    Digest one = evictAndMove(immutableReleases());
    bench.upstream.deleteManifest("team/app", one);
    for (int i = 0; i < 2; i++) {
      HttpResponse<byte[]> refused = bench.pull("v1.2.3");
      assertThat(refused.statusCode()).isEqualTo(403);
      assertThat(TagBench.text(refused)).contains("DENIED", one.toString(), "is immutable");
    }
    assertThat(bench.metrics()).containsPattern("entrepot_tags_moved_total\\{.*} 1.0");
  }

  /** A tag that is pulled every day never expires. */
  @Test
  void moveOfATagThatIsHereIsReportedWithinADayOfItsUse() {
    bench.start(immutableReleases());
    Digest one = bench.push("v1.2.3", "one");
    assertThat(bench.pulled("v1.2.3")).isEqualTo("one miss");
    bench.push("v1.2.3", "two");
    List<String> errors = Collections.synchronizedList(new ArrayList<>());
    errorsInto(errors);
    bench.asked();
    bench.clock.advance(Duration.ofHours(23));
    assertThat(bench.pulled("v1.2.3")).isEqualTo("one hit");
    assertThat(bench.asked()).isEmpty();
    bench.clock.advance(Duration.ofHours(1));
    assertThat(bench.pulled("v1.2.3")).isEqualTo("one hit");
    await().until(() -> bench.pulled("v1.2.3").equals("one moved"));
    assertThat(bench.asked()).containsExactly("HEAD " + path("v1.2.3"));
    assertThat(errors).singleElement().asString().contains("has moved it from " + one);
    assertThat(bench.metrics()).containsPattern("entrepot_tags_moved_total\\{.*} 1.0");
    bench.clock.advance(Duration.ofDays(1));
    bench.pulled("v1.2.3");
    await().until(() -> !bench.upstream.requests().isEmpty());
    assertThat(bench.metrics()).containsPattern("entrepot_tags_moved_total\\{.*} 1.0");
  }

  @ParameterizedTest
  @ValueSource(ints = {403, 404, 503})
  void checkWithoutAnAnswerChangesNothingAndIsNotRepeatedThatDay(int status) {
    bench.start(immutableReleases());
    bench.push("v1.2.3", "one");
    bench.pull("v1.2.3");
    bench.upstream.inject(request -> true, Fault.status(status));
    bench.asked();
    bench.clock.advance(Duration.ofDays(1));
    assertThat(bench.pulled("v1.2.3")).isEqualTo("one hit");
    await().until(() -> !bench.upstream.requests().isEmpty());
    assertThat(bench.pulled("v1.2.3")).isEqualTo("one hit");
    assertThat(bench.asked()).hasSize(1);
    bench.upstream.clearFaults();
  }

  @Test
  void withoutTheRuleTheMoveIsFollowed() {
    evictAndMove(policies -> policies);
    assertThat(bench.pulled("v1.2.3")).isEqualTo("two miss");
    assertThat(bench.metrics()).containsPattern("entrepot_tags_moved_total\\{.*} 0.0");
  }

  private void errorsInto(List<String> errors) {
    logger.addHandler(
        new Handler() {
          @Override
          public void publish(LogRecord record) {
            if (record.getLevel().equals(Level.SEVERE)) {
              errors.add(new SimpleFormatter().formatMessage(record));
            }
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        });
  }

  private Digest evictAndMove(UnaryOperator<TestServer.Builder> restarted) {
    Digest one = evict(restarted);
    bench.push("v1.2.3", "two");
    return one;
  }

  private Digest evict(UnaryOperator<TestServer.Builder> restarted) {
    bench.startLongAgo(immutableReleases(), builder -> builder);
    final Digest one = bench.push("v1.2.3", "one");
    assertThat(bench.pulled("v1.2.3")).isEqualTo("one miss");
    bench.expire(restarted, builder -> builder);
    await().until(() -> bench.server().stats().contains("\"blobs\":0"));
    bench.asked();
    return one;
  }
}
