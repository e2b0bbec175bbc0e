package io.entrepot.cache.blobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.cache.BlobDelivery;
import io.entrepot.cache.CacheOutcome;
import io.entrepot.cache.Told;
import io.entrepot.fixture.Content;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Digest.Algorithm;
import io.entrepot.oci.OciError;
import io.entrepot.oci.RepositoryName;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Bytes are shared between repositories, but permission is not: the answers to clients of another
 * repository, and their cost.
 */
class BlobCachePermissionTest extends BlobCacheFixture {
  private static Predicate<Recorded> of(RepositoryName repository) {
    return request -> request.path().startsWith("/v2/" + repository + "/");
  }

  private static Predicate<Recorded> headOf(RepositoryName repository) {
    return of(repository).and(Recorded.method("HEAD"));
  }

  @Test
  void bytesOfAnotherRepositoryAreLinkedByOneHead() throws IOException {
    pullOnce(APP);
    assertThat(cache.find(pull(OTHER, digest), digest)).isEmpty();

    CompletableFuture<BlobDelivery> answer = fetch(OTHER);
    CompletableFuture<BlobDelivery> another = fetch(OTHER);
    assertThat(here.log.all()).isEmpty();
    settle();

    assertGiven(answer, CacheOutcome.LINKED);
    assertGiven(another, CacheOutcome.LINKED);
    assertThat(upstream.requests()).containsExactly("HEAD");
    assertThat(here.log.threads()).containsExactly("lookup", "question");
    assertThat(cache.find(pull(OTHER, digest), digest)).isPresent();
  }

  @Test
  void bytesThatNobodyHasLinkedAreLinkedByOneHead() throws IOException {
    here.putBytes(digest, bytes);

    CompletableFuture<BlobDelivery> answer = fetch(APP);
    settle();

    // The time of their last verification is unknown, so they are verified before they are served.
    assertGiven(answer, CacheOutcome.HIT);
    assertThat(upstream.requests()).containsExactly("HEAD");
  }

  @ParameterizedTest
  @CsvSource({
    "403, DENIED, HEAD GET",
    "404, BLOB_UNKNOWN, HEAD GET",
    "500, UPSTREAM_FAILED, HEAD",
    "429, TOO_MANY_REQUESTS, HEAD"
  })
  void bytesOfAnotherRepositoryAreNotServedWhereTheUpstreamDoesNotAllowIt(
      int status, OciError error, String asked) throws IOException {
    pullOnce(APP);
    upstream.registry.inject(of(OTHER), Fault.status(status));

    CompletableFuture<BlobDelivery> answer = fetch(OTHER);
    settle();

    assertThat(Told.failureOf(answer).error()).isEqualTo(error);
    assertThat(String.join(" ", upstream.requests())).isEqualTo(asked);
    assertThat(cache.find(pull(OTHER, digest), digest)).isEmpty();
  }

  /** A link question is a HEAD first, and a cold blob is a GET. The answers do not tell which. */
  @ParameterizedTest
  @ValueSource(ints = {403, 404, 500, 503})
  void answerDoesNotTellWhetherTheBytesAreHere(int status) throws IOException {
    Digest absent = Digest.ofBytes(Algorithm.SHA256, new byte[] {1});
    pullOnce(APP);
    upstream.registry.inject(of(OTHER), Fault.status(status));

    CompletableFuture<BlobDelivery> stored = fetch(OTHER);
    settle();
    CompletableFuture<BlobDelivery> nowhere = fetch(OTHER, absent, null);
    settle();

    assertThat(upstream.requests()).startsWith("HEAD").endsWith("GET");
    assertSame(Told.failureOf(stored), digest, Told.failureOf(nowhere), absent);
  }

  @Test
  void clientOfAnotherRepositoryJoinsAfterOneHead() throws IOException {
    CompletableFuture<BlobDelivery> first = fetch(APP);
    lookups.runNext();
    here.log.clear();

    CompletableFuture<BlobDelivery> second = fetch(OTHER);
    assertThat(here.log.all()).isEmpty();
    lookups.runNext();
    assertThat(here.log.aboutLinks("lookup")).hasSize(1);
    upstream.questions.runNext();
    assertThat(upstream.requests()).containsExactly("HEAD");
    upstream.fills.runNext();

    assertGiven(first, CacheOutcome.MISS);
    assertGiven(second, CacheOutcome.JOINED);
    assertThat(upstream.requests()).containsExactly("HEAD", "GET");
    assertThat(cache.find(pull(OTHER, digest), digest)).isPresent();
  }

  @Test
  void repositoryThatHasJoinedOnceIsNotAskedAboutAgain() throws IOException {
    CompletableFuture<BlobDelivery> first = fetch(APP);
    lookups.runNext();
    CompletableFuture<BlobDelivery> second = fetch(OTHER);
    lookups.runNext();
    upstream.questions.runNext();
    here.log.clear();

    CompletableFuture<BlobDelivery> third = fetch(OTHER);
    assertThat(lookups.size()).isZero();
    assertThat(here.log.all()).isEmpty();
    settle();

    assertGiven(first, CacheOutcome.MISS);
    assertGiven(second, CacheOutcome.JOINED);
    assertGiven(third, CacheOutcome.JOINED);
    assertThat(upstream.requests()).containsExactly("HEAD", "GET");
  }

  @Test
  void repositoryThatHasALinkJoinsWithoutAQuestion() throws IOException {
    here.putUnknownToMemory(OTHER, digest, bytes);
    here.removeBytes(digest);
    CompletableFuture<BlobDelivery> first = fetch(APP);
    lookups.runNext();
    here.log.clear();

    CompletableFuture<BlobDelivery> second = fetch(OTHER);
    lookups.runNext();
    assertThat(here.log.aboutLinks("lookup")).hasSize(1);
    settle();

    assertGiven(first, CacheOutcome.MISS);
    assertGiven(second, CacheOutcome.JOINED);
    assertThat(upstream.requests()).containsExactly("GET");
  }

  @ParameterizedTest
  @CsvSource({"403, DENIED", "404, BLOB_UNKNOWN"})
  void clientThatMayNotHaveItDoesNotJoinAndDisturbsNobody(int status, OciError error)
      throws IOException {
    upstream.registry.inject(of(OTHER), Fault.status(status));
    CompletableFuture<BlobDelivery> first = fetch(APP);
    lookups.runNext();
    CompletableFuture<BlobDelivery> refused = fetch(OTHER);
    settle();

    assertGiven(first, CacheOutcome.MISS);
    assertThat(Told.failureOf(refused).error()).isEqualTo(error);
    assertThat(cache.find(pull(OTHER, digest), digest)).isEmpty();
  }

  /**
   * The fill uses the source of the first client. The clients that have joined may still get the
   * blob.
   */
  @Test
  void clientWhoMayHaveItBeginsAnewWhereTheFirstMayNot() throws IOException {
    upstream.registry.inject(of(APP), Fault.status(403));
    CompletableFuture<BlobDelivery> first = fetch(APP);
    lookups.runNext();
    CompletableFuture<BlobDelivery> second = fetch(OTHER);
    lookups.runNext();
    upstream.questions.runNext();
    settle();

    assertThat(Told.failureOf(first).error()).isEqualTo(OciError.DENIED);
    assertGiven(second, CacheOutcome.MISS);
    assertThat(upstream.requests()).containsExactly("HEAD", "GET", "GET");
  }

  @Test
  void clientOfAnotherRepositoryIsServedFromTheStoreWhereTheFillHasEndedMeanwhile()
      throws IOException {
    CompletableFuture<BlobDelivery> first = fetch(APP);
    lookups.runNext();
    CompletableFuture<BlobDelivery> second = fetch(OTHER);
    lookups.runNext();
    upstream.fills.runNext();
    assertThat(inFlight.size()).isZero();

    upstream.questions.runNext();
    settle();

    assertGiven(first, CacheOutcome.MISS);
    assertGiven(second, CacheOutcome.LINKED);
    assertThat(upstream.requests()).containsExactly("GET", "HEAD");
    assertThat(cache.find(pull(OTHER, digest), digest)).isPresent();
  }

  @Test
  void headOfBytesThatAreHereLinksThem() throws IOException {
    pullOnce(APP);

    CompletableFuture<BlobSize> head = cache.head(pull(OTHER, digest), digest);
    settle();
    assertThat(Told.answer(head).size()).isEqualTo(SIZE);

    assertThat(cache.find(pull(OTHER, digest), digest)).isPresent();
    assertThat(upstream.requests()).containsExactly("HEAD");
  }

  @Test
  void blobIsFetchedWhereTheUpstreamTellsAnotherSize() throws IOException {
    pullOnce(APP);
    upstream.registry.inject(headOf(OTHER), Fault.declareLength(SIZE + 1));

    CompletableFuture<BlobDelivery> answer = fetch(OTHER);
    settle();

    assertGiven(answer, CacheOutcome.MISS);
    assertThat(upstream.requests()).containsExactly("HEAD", "GET");
  }

  @Test
  void bytesThatHaveBeenCutShortAreFetchedAnew() throws IOException {
    pullOnce(APP);
    here.damage(digest, Arrays.copyOf(bytes, SIZE - 1));

    CompletableFuture<BlobDelivery> answer = fetch(OTHER);
    settle();

    assertGiven(answer, CacheOutcome.MISS);
    assertThat(upstream.requests()).containsExactly("HEAD", "GET");
  }

  @Test
  void digestOfAnotherAlgorithmIsAnotherBlob() throws IOException {
    pullOnce(APP);
    var sha512 = upstream.registry.putBlob(APP.value(), Algorithm.SHA512, Content.of(bytes));

    CompletableFuture<BlobDelivery> answer = fetch(APP, sha512, null);
    settle();

    assertThat(read(Told.answer(answer))).isEqualTo(bytes);
    assertThat(upstream.requests()).containsExactly("GET");
  }
}
