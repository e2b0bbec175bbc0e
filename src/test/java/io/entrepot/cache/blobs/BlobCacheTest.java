package io.entrepot.cache.blobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.cache.BlobDelivery;
import io.entrepot.cache.CacheOutcome;
import io.entrepot.cache.ClientErrors;
import io.entrepot.cache.Told;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Digest;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Hit, join and miss, and the database queries and upstream requests of each. */
class BlobCacheTest extends BlobCacheFixture {
  private static final Digest NOWHERE = Digest.ofBytes(Digest.Algorithm.SHA256, new byte[0]);

  @Test
  void coldBlobCostsOneGetAndOneLinkQuery() throws IOException {
    CompletableFuture<BlobDelivery> answer = fetch(APP);
    assertThat(here.log.all()).isEmpty();

    lookups.runNext();
    assertThat(here.log.aboutLinks("lookup")).hasSize(1);
    assertThat(here.log.all()).hasSize(1);
    assertThat(upstream.requests()).isEmpty();

    upstream.fills.runNext();
    assertGiven(answer, CacheOutcome.MISS);
    assertThat(upstream.requests()).containsExactly("GET");
    assertThat(here.log.threads()).containsExactly("fill", "lookup");
    assertThat(here.log.aboutLinks("lookup")).hasSize(1);
    assertThat(lookups.size() + upstream.fills.size() + upstream.questions.size()).isZero();
  }

  /**
   * It locks the row of the blob, makes it, looks for the link, makes it, and reads it for memory.
   */
  @Test
  void endOfAFillSendsFiveStatements() throws IOException {
    CompletableFuture<BlobDelivery> answer = fetch(APP);
    lookups.runNext();
    here.log.clear();
    upstream.fills.runNext();

    assertGiven(answer, CacheOutcome.MISS);
    assertThat(here.log.all()).as(here.log::toString).hasSize(5);
    assertThat(here.log.threads()).containsExactly("fill");
  }

  @Test
  void storedBlobIsFoundWithoutAskingAnybody() throws IOException {
    pullOnce(APP);

    BlobDelivery delivery =
        cache.find(pull(APP, digest), digest).orElseThrow().open(null, CacheOutcome.HIT);

    assertThat(read(delivery)).isEqualTo(bytes);
    assertThat(upstream.requests()).isEmpty();
    assertThat(here.log.all()).isEmpty();
    assertThat(lookups.size()).isZero();
  }

  @Test
  void blobThatOnlyTheDatabaseKnowsIsAHit() throws IOException {
    here.putUnknownToMemory(APP, digest, bytes);
    assertThat(cache.find(pull(APP, digest), digest)).isEmpty();

    CompletableFuture<BlobDelivery> answer = fetch(APP);
    assertThat(here.log.all()).isEmpty();
    settle();

    assertGiven(answer, CacheOutcome.HIT);
    assertThat(here.log.all()).hasSize(1);
    assertThat(here.log.threads()).containsExactly("lookup");
    assertThat(upstream.requests()).isEmpty();
    assertThat(cache.find(pull(APP, digest), digest)).isPresent();
  }

  @Test
  void rangeOfAStoredBlobIsGivenAlone() throws IOException {
    here.putUnknownToMemory(APP, digest, bytes);

    CompletableFuture<BlobDelivery> answer = fetch(APP, digest, range(10, 19));
    settle();

    BlobDelivery delivery = Told.answer(answer);
    assertThat(delivery.range()).isEqualTo(bytes(10, 19));
    assertThat(read(delivery)).isEqualTo(Arrays.copyOfRange(bytes, 10, 20));
  }

  @Test
  void secondClientJoinsFillInProgressAndAsksNothing() throws IOException {
    CompletableFuture<BlobDelivery> first = fetch(APP);
    lookups.runNext();
    here.log.clear();

    CompletableFuture<BlobDelivery> second = fetch(APP);

    assertThat(lookups.size()).isZero();
    assertThat(here.log.all()).isEmpty();
    upstream.fills.runNext();
    assertGiven(first, CacheOutcome.MISS);
    assertGiven(second, CacheOutcome.JOINED);
    assertThat(upstream.requests()).containsExactly("GET");
    assertThat(here.log.threads()).containsExactly("fill");
  }

  @Test
  void hundredClientsAtOnceCostOneGet() throws IOException {
    List<CompletableFuture<BlobDelivery>> all = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      all.add(fetch(APP));
    }

    settle();

    assertGiven(all.get(0), CacheOutcome.MISS);
    for (CompletableFuture<BlobDelivery> one : all.subList(1, 100)) {
      assertGiven(one, CacheOutcome.JOINED);
    }
    assertThat(upstream.requests()).containsExactly("GET");
    assertThat(here.log.aboutLinks("lookup")).hasSize(1);
  }

  @Test
  void absenceIsBelievedForItsTimeAndThenAskedAgain() throws IOException {
    CompletableFuture<BlobDelivery> first = fetch(APP, NOWHERE, null);
    settle();
    assertThat(Told.failureOf(first).error()).isEqualTo(OciError.BLOB_UNKNOWN);
    assertThat(inFlight.size()).isZero();

    clock.advance(NEGATIVE.minusMillis(1));
    CompletableFuture<BlobDelivery> second = fetch(APP, NOWHERE, null);
    CompletableFuture<BlobSize> head = cache.head(pull(APP, NOWHERE), NOWHERE);
    settle();
    assertThat(Told.failureOf(second).error()).isEqualTo(OciError.BLOB_UNKNOWN);
    assertThat(Told.failureOf(head).error()).isEqualTo(OciError.BLOB_UNKNOWN);
    assertThat(upstream.requests()).containsExactly("GET");

    clock.advance(Duration.ofMillis(1));
    upstream.registry.putBlob(new byte[0]);
    CompletableFuture<BlobDelivery> third = fetch(APP, NOWHERE, null);
    settle();
    assertThat(read(Told.answer(third))).isEmpty();
    assertThat(upstream.requests()).containsExactly("GET", "GET");
  }

  @Test
  void failureIsToldToAllWhoJoinedAndTheNextAsksAgain() throws IOException {
    upstream.registry.inject(Recorded.blobGet(digest), Fault.status(403), 1);
    CompletableFuture<BlobDelivery> first = fetch(APP);
    lookups.runNext();
    CompletableFuture<BlobDelivery> second = fetch(APP);
    settle();
    assertThat(Told.failureOf(first).error()).isEqualTo(OciError.DENIED);
    assertThat(Told.failureOf(second).error()).isEqualTo(OciError.DENIED);

    CompletableFuture<BlobDelivery> third = fetch(APP);
    settle();

    assertGiven(third, CacheOutcome.MISS);
    assertThat(upstream.requests()).containsExactly("GET", "GET");
  }

  @Test
  void tooLargeBlobIsRefusedBeforeItIsFetched() {
    rules = rules(SIZE - 1, 0);
    CompletableFuture<BlobDelivery> answer = fetch(APP);
    CompletableFuture<BlobSize> head = cache.head(pull(APP, digest), digest);

    settle();

    OciException told = Told.failureOf(answer);
    assertThat(told.error()).isEqualTo(OciError.DENIED);
    assertThat(told).hasMessageContaining(String.valueOf(SIZE - 1));
    assertThat(Told.failureOf(head).error()).isEqualTo(OciError.DENIED);
    assertThat(cache.find(pull(APP, digest), digest)).isEmpty();
    assertThat(inFlight.size()).isZero();
  }

  @Test
  void storedBlobIsServedWhateverItsSize() throws IOException {
    pullOnce(APP);
    rules = rules(1, 0);

    CompletableFuture<BlobDelivery> answer = fetch(APP);
    settle();

    assertGiven(answer, CacheOutcome.HIT);
  }

  @Test
  void rangeThatTheBlobDoesNotHaveIsRefused() {
    CompletableFuture<BlobDelivery> answer = fetch(APP, digest, range(SIZE, Long.MAX_VALUE));

    settle();

    assertThat(Told.failureOf(answer).error()).isEqualTo(OciError.RANGE_UNSATISFIABLE);
  }

  @Test
  void fullLookupsMakeUnavailable() {
    lookups.full(true);

    OciException told = Told.failureOf(fetch(APP));

    assertThat(told.error()).isEqualTo(OciError.UNAVAILABLE);
    assertThat(told.retryAfter()).contains(ClientErrors.SOON);
  }

  @Test
  void fullFillsMakeUnavailableAndLeaveNothingInFlight() throws IOException {
    upstream.fills.full(true);
    CompletableFuture<BlobDelivery> refused = fetch(APP);
    settle();
    assertThat(Told.failureOf(refused).error()).isEqualTo(OciError.UNAVAILABLE);
    assertThat(inFlight.size()).isZero();

    upstream.fills.full(false);
    CompletableFuture<BlobDelivery> again = fetch(APP);
    settle();

    assertGiven(again, CacheOutcome.MISS);
  }

  /** If a link cannot be looked up, it is not treated as missing (F19). */
  @Test
  void databaseThatIsDownMakesUnavailableAndAsksNoUpstream() {
    here.putUnknownToMemory(APP, digest, bytes);
    here.database.goDown();

    CompletableFuture<BlobDelivery> answer = fetch(APP);
    settle();

    assertThat(Told.failureOf(answer).error()).isEqualTo(OciError.UNAVAILABLE);
    assertThat(upstream.requests()).isEmpty();
  }

  @Test
  void headOfALinkedBlobAsksTheDatabaseOnceAndNoUpstream() {
    here.putUnknownToMemory(APP, digest, bytes);
    CompletableFuture<BlobSize> head = cache.head(pull(APP, digest), digest);
    assertThat(here.log.all()).isEmpty();

    settle();

    assertThat(Told.answer(head)).isEqualTo(new BlobSize(SIZE, CacheOutcome.HIT, clock.instant()));
    assertThat(here.log.aboutLinks("lookup")).hasSize(1);
    assertThat(upstream.requests()).isEmpty();
  }

  @Test
  void headOfAnUnknownBlobCostsOneHead() {
    CompletableFuture<BlobSize> head = cache.head(pull(APP, digest), digest);
    CompletableFuture<BlobSize> other = cache.head(pull(APP, digest), digest);

    settle();

    assertThat(Told.answer(head).size()).isEqualTo(SIZE);
    assertThat(Told.answer(head).outcome()).isEqualTo(CacheOutcome.PASSED);
    assertThat(Told.answer(other).size()).isEqualTo(SIZE);
    assertThat(upstream.requests()).containsExactly("HEAD");
    assertThat(here.log.threads()).doesNotContain(Thread.currentThread().getName());
  }
}
