package io.entrepot.cache.blobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.cache.BlobDelivery;
import io.entrepot.cache.CacheOutcome;
import io.entrepot.cache.Told;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Gate;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.OciError;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Two upstreams that have the same blob: a fill belongs to one of them (S29). */
class BlobCacheBorderTest extends BorderFixture {
  /** The other upstream drips the blob, and says that it is a byte longer. */
  @Test
  void clientOfOneUpstreamDoesNotWaitForTheFillOfAnother() throws Exception {
    lab.registry.putBlob(bytes);
    upstream.registry.inject(Recorded.blobGet(digest), Fault.declareLength(SIZE + 1));
    Gate drip = upstream.registry.hold(digest, 1000);
    CompletableFuture<BlobDelivery> slow = fetch(APP);
    lookups.runAll();
    CompletableFuture<Void> dripping = upstream.fills.begin();
    drip.awaitReached();

    CompletableFuture<BlobDelivery> answer = fetchFromLab();
    CompletableFuture<BlobDelivery> joined = fetchFromLab();
    assertThat(inFlight.contains(digest)).isTrue();
    settleLab();

    assertGiven(answer, CacheOutcome.MISS);
    assertThat(Told.answer(joined).blobSize()).isEqualTo(SIZE);
    assertThat(lab.requests()).containsExactly("GET");
    assertThat(labHas(digest)).isTrue();
    assertThat(cache.find(pull(APP, digest), digest)).isEmpty();
    assertThat(inFlight.contains(digest)).as("the slow fill goes on").isTrue();

    drip.release();
    dripping.join();
    assertThat(Told.answer(slow).blobSize()).isEqualTo(SIZE + 1);
    assertThat(cache.find(pull(APP, digest), digest)).isEmpty();
    assertThat(here.files.store().find(digest).orElseThrow().readSound()).isEqualTo(bytes);
  }

  @Test
  void bothUpstreamsFillTheSameBlobAndTheSecondCommitHarmsNobody() throws Exception {
    lab.registry.putBlob(bytes);
    CompletableFuture<BlobDelivery> first = fetch(APP);
    CompletableFuture<BlobDelivery> second = fetchFromLab();
    lookups.runAll();
    assertThat(inFlight.size()).isEqualTo(2);

    upstream.fills.runAll();
    BlobDelivery open = Told.answer(first);
    lab.fills.runAll();

    assertThat(read(open)).isEqualTo(bytes);
    assertGiven(second, CacheOutcome.MISS);
    assertThat(upstream.requests()).containsExactly("GET");
    assertThat(lab.requests()).containsExactly("GET");
    assertThat(inFlight.contains(digest)).isFalse();
    assertThat(here.files.store().find(digest).orElseThrow().readSound()).isEqualTo(bytes);
    assertThat(cache.find(pull(APP, digest), digest)).isPresent();
    assertThat(labHas(digest)).isTrue();
  }

  @Test
  void upstreamWithoutTheBlobDoesNotDisturbTheFillOfAnother() throws Exception {
    CompletableFuture<BlobDelivery> first = fetch(APP);
    lookups.runAll();

    CompletableFuture<BlobDelivery> absent = fetchFromLab();
    settleLab();
    assertThat(Told.failureOf(absent).error()).isEqualTo(OciError.BLOB_UNKNOWN);

    settle();
    assertGiven(first, CacheOutcome.MISS);
    assertThat(upstream.requests()).containsExactly("GET");
  }

  /** The other upstream's threads are all held by slow fills and questions. */
  @Test
  void clientOfOneUpstreamDoesNotWaitForAVerificationOnTheThreadsOfAnother() throws IOException {
    lab.registry.putBlob(bytes);
    pullOnce(APP);
    here.putUnknownToMemory(LAB_APP, digest, bytes);
    clock.advance(VERIFY_AFTER.plusSeconds(1));
    CompletableFuture<BlobDelivery> waiting = fetch(APP);
    lookups.runAll();
    assertThat(upstream.questions.size()).isEqualTo(1);

    CompletableFuture<BlobDelivery> answer = fetchFromLab();
    settleLab();

    assertGiven(answer, CacheOutcome.HIT);
    assertThat(lab.requests()).isEmpty();
    assertThat(waiting).isNotDone();
    settle();
    assertGiven(waiting, CacheOutcome.HIT);
  }
}
