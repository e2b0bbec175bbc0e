package io.entrepot.cache.blobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.cache.BlobDelivery;
import io.entrepot.cache.CacheOutcome;
import io.entrepot.cache.Told;
import io.entrepot.fixture.Content;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Gate;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Ranges of a blob of 20 MiB whose fill waits within the first mebibyte. */
class BlobCacheRangeTest extends BlobCacheFixture {
  private static final long MIB = 1 << 20;
  private static final long LARGE = 20 * MIB;
  private static final long FAR = 15 * MIB;

  private final Content content = Content.generated(LARGE, 7);
  private final Digest large = upstream.registry.putGeneratedBlob(LARGE, 7);
  private final Gate gate = new Gate();

  /** Begins the fill of the whole blob. */
  private CompletableFuture<Void> beginFill() throws InterruptedException {
    upstream.registry.inject(
        Recorded.blobGet(large).and(get -> get.header("Range") == null), Fault.gate(gate, MIB));
    CompletableFuture<BlobDelivery> whole = fetch(APP, large, null);
    lookups.runNext();
    CompletableFuture<Void> fill = upstream.fills.begin();
    gate.awaitReached();
    whole.join();
    forgetCosts();
    return fill;
  }

  @Test
  void rangeFarAheadOfTheWatermarkIsFetchedApart() throws Exception {
    CompletableFuture<Void> fill = beginFill();

    CompletableFuture<BlobDelivery> answer = fetch(APP, large, range(FAR, FAR + MIB - 1));
    assertThat(here.log.all()).isEmpty();
    upstream.fills.runNext();

    BlobDelivery part = Told.answer(answer);
    assertThat(part.outcome()).isEqualTo(CacheOutcome.PASSED);
    assertThat(part.blobSize()).isEqualTo(LARGE);
    assertThat(part.range()).isEqualTo(bytes(FAR, FAR + MIB - 1));
    assertThat(read(part)).isEqualTo(content.slice(FAR, FAR + MIB).bytes());
    assertThat(upstream.registry.requests())
        .singleElement()
        .satisfies(
            get ->
                assertThat(get.header("Range")).isEqualTo("bytes=" + FAR + "-" + (FAR + MIB - 1)));
    gate.release();
    fill.join();
    assertThat(cache.find(pull(APP, large), large)).isPresent();
  }

  @Test
  void rangeNotFarAheadWaitsForTheFill() throws Exception {
    CompletableFuture<Void> fill = beginFill();
    long first = 8 * MIB;

    CompletableFuture<BlobDelivery> answer = fetch(APP, large, range(first, first + 99));

    BlobDelivery joined = Told.answer(answer);
    assertThat(joined.outcome()).isEqualTo(CacheOutcome.JOINED);
    assertThat(joined.reader().read(ByteBuffer.allocate(100))).isZero();
    assertThat(upstream.fills.size()).isZero();
    gate.release();
    fill.join();
    assertThat(read(joined)).isEqualTo(content.slice(first, first + 100).bytes());
    assertThat(upstream.requests()).isEmpty();
  }

  @Test
  void rangeFarAheadFollowsTheFillWhereTheUpstreamGivesNoParts() throws Exception {
    upstream.registry.withoutRanges();
    CompletableFuture<Void> fill = beginFill();

    CompletableFuture<BlobDelivery> answer = fetch(APP, large, range(FAR, FAR + 99));
    upstream.registry.clearFaults();
    upstream.fills.runNext();

    BlobDelivery joined = Told.answer(answer);
    assertThat(joined.outcome()).isEqualTo(CacheOutcome.JOINED);
    gate.release();
    fill.join();
    assertThat(read(joined)).isEqualTo(content.slice(FAR, FAR + 100).bytes());
  }

  @Test
  void rangeFarAheadFollowsTheFillWhereNoThreadIsFree() throws Exception {
    CompletableFuture<Void> fill = beginFill();
    upstream.fills.full(true);

    CompletableFuture<BlobDelivery> answer = fetch(APP, large, range(FAR, FAR + 99));

    BlobDelivery joined = Told.answer(answer);
    assertThat(joined.outcome()).isEqualTo(CacheOutcome.JOINED);
    gate.release();
    fill.join();
    assertThat(read(joined)).hasSize(100);
  }

  @Test
  void partOfAnotherClientDoesNotEndWithTheFill() throws IOException, InterruptedException {
    CompletableFuture<Void> fill = beginFill();
    CompletableFuture<BlobDelivery> answer = fetch(APP, large, range(FAR, LARGE - 1));
    upstream.fills.runNext();
    BlobDelivery part = Told.answer(answer);

    gate.release();
    fill.join();

    assertThat(read(part)).isEqualTo(content.slice(FAR, LARGE).bytes());
  }
}
