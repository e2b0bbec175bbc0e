package io.entrepot.cache.blobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.entrepot.cache.BlobDelivery;
import io.entrepot.cache.CacheOutcome;
import io.entrepot.cache.LinkedBlob;
import io.entrepot.cache.Told;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.store.BlobGoneException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Changes between two lookups, and blobs whose last verification is long ago. */
class BlobCacheRaceTest extends BlobCacheFixture {
  @Test
  void blobEvictedBetweenFindAndOpenIsFetchedAnew() throws IOException {
    pullOnce(APP);
    LinkedBlob found = cache.find(pull(APP, digest), digest).orElseThrow();
    here.evict(digest);
    assertThatExceptionOfType(BlobGoneException.class)
        .isThrownBy(() -> found.open(null, CacheOutcome.HIT));

    CompletableFuture<BlobDelivery> answer = fetch(APP);
    settle();

    assertGiven(answer, CacheOutcome.MISS);
    assertThat(upstream.requests()).containsExactly("GET");
  }

  @Test
  void blobEvictedWhileItIsLookedForIsFetchedAnew() throws IOException {
    here.putUnknownToMemory(APP, digest, bytes);
    here.uses.onNextLook(() -> here.evict(digest));

    CompletableFuture<BlobDelivery> answer = fetch(APP);
    settle();

    assertGiven(answer, CacheOutcome.MISS);
    assertThat(upstream.requests()).containsExactly("GET");
  }

  @Test
  void linkWhoseBytesAreGoneIsFilledAnew() throws IOException {
    pullOnce(APP);
    here.removeBytes(digest);
    assertThat(cache.find(pull(APP, digest), digest)).isEmpty();

    CompletableFuture<BlobDelivery> answer = fetch(APP);
    settle();

    assertGiven(answer, CacheOutcome.MISS);
    assertThat(upstream.requests()).containsExactly("GET");
  }

  @Test
  void blobThatIsStoredAndEvictedAllTheTimeIsUnavailable() {
    here.putUnknownToMemory(APP, digest, bytes);
    CompletableFuture<BlobDelivery> answer = fetch(APP);
    for (int looks = 0; looks < 4; looks++) {
      assertThat(answer).isNotDone();
      here.uses.onNextLook(() -> here.removeBytes(digest));
      lookups.runNext();
      here.putBytes(digest, bytes);
    }

    OciException told = Told.failureOf(answer);
    assertThat(told.error()).isEqualTo(OciError.UNAVAILABLE);
    assertThat(told).hasMessageContaining("was stored and evicted again several times");
    assertThat(upstream.requests()).isEmpty();
  }

  @Test
  void fillThatEndedBetweenLookupAndEntryIsAHitAndFetchesNothing() throws IOException {
    List<CompletableFuture<BlobDelivery>> other = new ArrayList<>();
    entries.onNextLook(
        () -> {
          other.add(fetch(APP));
          settle();
        });

    CompletableFuture<BlobDelivery> answer = fetch(APP);
    settle();

    assertGiven(other.get(0), CacheOutcome.MISS);
    assertGiven(answer, CacheOutcome.HIT);
    assertThat(upstream.requests()).containsExactly("GET");
    assertThat(inFlight.size()).isZero();
  }

  @Test
  void fillThatBeganBetweenLookupAndEntryIsJoined() throws IOException {
    List<CompletableFuture<BlobDelivery>> other = new ArrayList<>();
    entries.onNextLook(
        () -> {
          other.add(fetch(APP));
          lookups.runNext();
        });

    CompletableFuture<BlobDelivery> answer = fetch(APP);
    settle();

    assertGiven(other.get(0), CacheOutcome.MISS);
    assertGiven(answer, CacheOutcome.JOINED);
    assertThat(upstream.requests()).containsExactly("GET");
  }

  @Test
  void blobThatIsDueIsVerifiedOnceForAllBeforeItIsServed() throws IOException {
    pullOnce(APP);
    clock.advance(VERIFY_AFTER.plusMillis(1));
    assertThat(cache.find(pull(APP, digest), digest)).isEmpty();

    CompletableFuture<BlobDelivery> one = fetch(APP);
    CompletableFuture<BlobDelivery> other = fetch(APP);
    lookups.runAll();
    assertThat(one).isNotDone();
    assertThat(upstream.questions.size()).isEqualTo(1);
    settle();

    assertGiven(one, CacheOutcome.HIT);
    assertGiven(other, CacheOutcome.HIT);
    assertThat(upstream.requests()).isEmpty();
    assertThat(here.log.threads()).doesNotContain(Thread.currentThread().getName());
    assertThat(cache.find(pull(APP, digest), digest)).isPresent();
  }

  @Test
  void blobIsServedUnverifiedUntilItIsDue() throws IOException {
    pullOnce(APP);
    clock.advance(VERIFY_AFTER);

    assertThat(cache.find(pull(APP, digest), digest)).isPresent();
  }

  @Test
  void blobThatHasRottedIsFetchedAnew() throws IOException {
    pullOnce(APP);
    here.damage(digest, new byte[SIZE]);
    clock.advance(VERIFY_AFTER.plus(Duration.ofDays(1)));

    CompletableFuture<BlobDelivery> answer = fetch(APP);
    settle();

    assertGiven(answer, CacheOutcome.MISS);
    assertThat(upstream.requests()).containsExactly("GET");
    assertThat(cache.find(pull(APP, digest), digest)).isPresent();
  }
}
