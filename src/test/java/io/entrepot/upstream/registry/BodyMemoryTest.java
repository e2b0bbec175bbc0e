package io.entrepot.upstream.registry;

import static io.entrepot.upstream.registry.Bench.REPOSITORY;
import static io.entrepot.upstream.registry.Bench.assertFails;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.fixture.Background;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Recorded;
import io.entrepot.fixture.Reply;
import io.entrepot.memory.Allowance;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.memory.Share;
import io.entrepot.oci.Cost;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.wire.Timeouts;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The memory that large manifests and lists take while they are read and used (S24). */
class BodyMemoryTest {
  private static final String NAME = REPOSITORY.value();
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final int LARGE = 1 << 20;

  private final Bench bench = new Bench();
  private final MemoryBudget memory = new MemoryBudget(128L << 20);
  private final Allowance bodies = memory.allowance(Share.BODIES);
  private final HttpRegistry upstream = upstream(Duration.ofSeconds(20));
  private final Digest large = manifest(LARGE);
  private final Digest small = manifest(60_000);

  @AfterEach
  void close() {
    bench.close();
  }

  private HttpRegistry upstream(Duration total) {
    Timeouts timeouts =
        new Timeouts(SECOND, Duration.ofSeconds(10), Duration.ofSeconds(10), SECOND, total);
    return bench.upstream(
        o -> new RegistryOptions(o.wire().withTimeouts(timeouts), o.auth(), o.restraint(), memory));
  }

  private Digest manifest(int size) {
    String index = "{\"schemaVersion\":2,\"manifests\":[]}";
    byte[] bytes = (index + " ".repeat(size - index.length())).getBytes(UTF_8);
    return bench.registry.putManifest(NAME, null, "application/json", bytes);
  }

  private Manifest fetch(Digest digest) throws UpstreamException {
    return upstream.fetchManifest(REPOSITORY, digest, bench.cost);
  }

  @Test
  void largeManifestTakesMemoryUntilTheWorkHasEnded() throws Exception {
    try (Cost.Holding unused = bench.cost.hold()) {
      assertThat(fetch(large).bytes()).hasSize(LARGE);
      assertThat(bodies.used()).isEqualTo(3 * LARGE);
    }
    assertThat(bodies.used()).isZero();
  }

  @Test
  void memoryIsGivenBackWithTheAnswerWhereThereIsNoWork() throws Exception {
    assertThat(fetch(large).bytes()).hasSize(LARGE);
    assertThat(bodies.used()).isZero();

    bench.registry.inject(Recorded.manifest(large), Fault.closeAfter(LARGE / 2), 1);
    assertFails(Failure.UNREACHABLE, () -> fetch(large));
    assertThat(bodies.used()).isZero();
  }

  @Test
  void unknownLengthTakesAsMuchAsTheLargest() throws Exception {
    bench.registry.inject(Recorded.manifest(large), Fault.chunked(), 1);

    try (Cost.Holding unused = bench.cost.hold()) {
      assertThat(fetch(large).bytes()).hasSize(LARGE);
      assertThat(bodies.used()).isEqualTo(3 * Manifest.MAX_BYTES);
    }
  }

  @Test
  void withoutRoomLargeAnswersAreBusyAndSmallOnesAreServed() throws Exception {
    HttpRegistry hasty = upstream(SECOND);
    assertThat(bodies.take(bodies.limit())).isTrue();

    assertFails(Failure.BUSY, () -> hasty.fetchManifest(REPOSITORY, large, bench.cost))
        .hasMessageContaining("bytes of memory for bodies")
        .satisfies(e -> assertThat(e.retryAfter()).hasValue(SECOND));
    bench.registry.inject(
        Recorded.path("/v2/" + NAME + "/tags/list"),
        Fault.reply(Reply.json(200, "{\"tags\":[\"a\"]}")));
    assertFails(Failure.BUSY, () -> hasty.listTags(REPOSITORY, "", bench.cost));
    assertThat(hasty.fetchManifest(REPOSITORY, small, bench.cost).bytes()).hasSize(60_000);
    assertThat(hasty.isReachable()).isTrue();
  }

  @Test
  void whoWaitsGetsTheRoomThatIsGivenBack() {
    assertThat(bodies.take(bodies.limit() - LARGE)).isTrue();
    CompletableFuture<Integer> waiting =
        Background.supply(() -> uninterrupted(() -> fetch(large).bytes().length));
    await().until(() -> !bench.registry.requests(Recorded.manifest(large)).isEmpty());
    assertThat(waiting).isNotDone();

    bodies.giveBack(bodies.limit() - LARGE);

    assertThat(waiting.join()).isEqualTo(LARGE);
  }

  private static int uninterrupted(Fetch fetch) {
    try {
      return fetch.send();
    } catch (UpstreamException e) {
      throw new IllegalStateException(e);
    }
  }

  private interface Fetch {
    int send() throws UpstreamException;
  }

  @Test
  void tagsOfAllPagesTakeMemoryUntilTheWorkHasEnded() throws Exception {
    String tags = ("\"" + "t".repeat(100) + "\",").repeat(1_000);
    bench.registry.inject(
        Recorded.path("/v2/" + NAME + "/tags/list"),
        Fault.reply(Reply.json(200, "{\"tags\":[" + tags + "\"a\"]}")));

    try (Cost.Holding unused = bench.cost.hold()) {
      upstream.listTags(REPOSITORY, "", bench.cost);
      int ofOne = bodies.used();
      assertThat(ofOne).isBetween(300_000, 900_000);
      upstream.listTags(REPOSITORY, "n=1", bench.cost);
      assertThat(bodies.used()).isEqualTo(2 * ofOne);
    }
    assertThat(bodies.used()).isZero();
  }
}
