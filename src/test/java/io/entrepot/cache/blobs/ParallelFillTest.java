package io.entrepot.cache.blobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.cache.BlobDelivery;
import io.entrepot.cache.Told;
import io.entrepot.fixture.Background;
import io.entrepot.fixture.Content;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Gate;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Digest;
import io.entrepot.routing.BlobRules;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A fill of 6 MiB in segments of 1 MiB, whose first connection stops after 3 MiB. By then the fill
 * has asked for a second one, which the test begins.
 */
class ParallelFillTest extends BlobCacheFixture {
  private static final long MIB = 1 << 20;
  private static final long SIZE = 6 * MIB;

  private final Content content = Content.generated(SIZE, 7);
  private final Digest large = upstream.registry.putGeneratedBlob(SIZE, 7);
  private final Gate gate = new Gate();
  private final AtomicLong time = new AtomicLong();

  @BeforeEach
  void slow() {
    rules = rules(0, 0, new BlobRules.Parts(2, MIB));
    // Each look at the clock, one for each piece of 64 KiB at most, takes 10 ms.
    fillTime = () -> time.addAndGet(10_000_000);
  }

  private CompletableFuture<Void> beginFill() throws InterruptedException {
    upstream.registry.inject(
        Recorded.blobGet(large).and(get -> get.header("Range") == null), Fault.gate(gate, 3 * MIB));
    lookups.runNext();
    CompletableFuture<Void> fill = upstream.fills.begin();
    gate.awaitReached();
    while (pulled() < 3 * MIB) {
      Thread.onSpinWait();
    }
    assertThat(upstream.idle.size()).isEqualTo(1);
    return fill;
  }

  private double pulled() {
    return numbers.find("entrepot.pulled").counters().stream().mapToDouble(c -> c.count()).sum();
  }

  private List<String> ranges() {
    return upstream.registry.blobGets(large).stream()
        .map(get -> String.valueOf(get.header("Range")))
        .toList();
  }

  private void assertGiven(CompletableFuture<BlobDelivery> whole) throws IOException {
    assertThat(read(Told.answer(whole))).isEqualTo(content.bytes());
    assertThat(here.files.store().find(large).orElseThrow().readSound()).isEqualTo(content.bytes());
    assertThat(pulled()).as("each byte once").isEqualTo(SIZE);
  }

  @Test
  void secondConnectionFetchesWhatTheFirstHasNotBegun() throws Exception {
    CompletableFuture<BlobDelivery> whole = fetch(APP, large, null);
    CompletableFuture<Void> fill = beginFill();

    upstream.idle.runNext();

    assertThat(ranges()).first().isEqualTo("null");
    assertThat(ranges()).hasSizeGreaterThan(2).last().asString().endsWith("-" + (SIZE - 1));
    assertThat(fill).isNotDone();
    gate.release();
    fill.join();
    settle();
    assertGiven(whole);
  }

  @Test
  void upstreamThatRefusesASecondConnectionIsNotAskedAgain() throws Exception {
    CompletableFuture<BlobDelivery> whole = fetch(APP, large, null);
    CompletableFuture<Void> fill = beginFill();
    upstream.registry.clearFaults();
    upstream.registry.inject(Recorded.blobGet(large), Fault.throttled("1"), 1);

    upstream.idle.runNext();
    gate.release();
    fill.join();
    settle();

    assertThat(ranges()).hasSize(2);
    assertThat(upstream.idle.size()).isZero();
    assertGiven(whole);
  }

  @Test
  void fillNeedsNoSecondConnection() throws Exception {
    CompletableFuture<BlobDelivery> whole = fetch(APP, large, null);
    CompletableFuture<Void> fill = beginFill();

    gate.release();
    fill.join();
    upstream.idle.runNext();

    assertThat(ranges()).containsExactly("null");
    assertGiven(whole);
  }

  /** Nobody waits for a slow part, and the upstream is not asked for another. */
  @Test
  void partThatComesMuchSlowerThanTheStreamIsLeftToIt() throws Exception {
    CompletableFuture<BlobDelivery> whole = fetch(APP, large, null);
    CompletableFuture<Void> fill = beginFill();
    Gate slow = new Gate();
    String part = "bytes=" + 4 * MIB + "-" + (5 * MIB - 1);
    upstream.registry.inject(
        Recorded.blobGet(large).and(get -> part.equals(get.header("Range"))),
        Fault.gate(slow, 100_000));
    CompletableFuture<?> second = Background.run(upstream.idle::runNext);
    slow.awaitReached();
    gate.release();
    fill.join();

    time.addAndGet(TimeUnit.SECONDS.toNanos(5));
    slow.release();
    second.join();
    settle();

    assertThat(ranges()).startsWith("null", part, "bytes=" + 5 * MIB + "-").hasSize(4);
    assertGiven(whole);
    Digest next = upstream.registry.putGeneratedBlob(SIZE, 8);
    CompletableFuture<BlobDelivery> later = fetch(APP, next, null);
    settle();
    assertThat(read(Told.answer(later))).isEqualTo(Content.generated(SIZE, 8).bytes());
    assertThat(upstream.registry.blobGets(next))
        .extracting(get -> String.valueOf(get.header("Range")))
        .as("it is remembered")
        .containsExactly("null");
  }
}
