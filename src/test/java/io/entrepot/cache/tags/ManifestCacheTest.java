package io.entrepot.cache.tags;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.cache.CacheOutcome;
import io.entrepot.cache.Told;
import io.entrepot.catalog.Catalog;
import io.entrepot.catalog.TagEntry;
import io.entrepot.fixture.Fault;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The cost of pulls of tags and digests while the upstream answers. */
class ManifestCacheTest extends ManifestCacheFixture {
  @Test
  void coldTagCostsOneHeadAndOneGetByDigest() {
    Digest digest = put(LATEST, "one");

    ManifestAnswer answer = get(LATEST);

    assertThat(answer.outcome()).isEqualTo(CacheOutcome.MISS);
    assertThat(answer.digest()).isEqualTo(digest);
    assertThat(bytes(answer)).isEqualTo(manifest("one"));
    assertThat(answer.mediaType()).isEqualTo(OCI_MANIFEST);
    assertThat(answer.since()).isEqualTo(clock.instant());
    assertThat(requests()).containsExactly("HEAD latest", "GET " + digest);
  }

  @Test
  void coldDigestCostsOneGetAndAHeldOneNothing() {
    Digest digest = put(LATEST, "one");

    assertThat(get(digest).outcome()).isEqualTo(CacheOutcome.MISS);
    assertThat(get(digest).outcome()).isEqualTo(CacheOutcome.HIT);

    clock.advance(Duration.ofDays(1000));
    assertThat(get(digest).outcome()).isEqualTo(CacheOutcome.HIT);
    assertThat(requests()).containsExactly("GET " + digest);
  }

  @Test
  void freshTagIsServedFromMemoryAndCostsNothing() {
    put(LATEST, "one");
    Instant resolved = clock.instant();
    pullOnce(LATEST);
    clock.advance(FRESH.minusMillis(1));

    ManifestAnswer answer = cache.find(pull(LATEST), LATEST).orElseThrow();

    assertThat(answer.outcome()).isEqualTo(CacheOutcome.HIT);
    assertThat(answer.detail()).isNull();
    assertThat(answer.warning()).isNull();
    assertThat(answer.since()).isEqualTo(resolved);
    assertThat(requests()).isEmpty();
    assertThat(here.log.all()).isEmpty();
    assertThat(lookups.size() + upstream.questions.size()).isZero();
  }

  @Test
  void freshTagThatOnlyTheDatabaseKnowsCostsNoRequest() throws IOException {
    Manifest manifest = verified("one");
    Catalog tables = here.fromTheTables();
    here.files.store().put(manifest.digest(), manifest.bytes());
    tables.linkManifest(APP, manifest, clock.instant());
    tables.tags().put(new TagEntry(APP, LATEST, manifest.digest(), clock.instant()));
    assertThat(cache.find(pull(LATEST), LATEST)).isEmpty();

    ManifestAnswer answer = get(LATEST);

    assertThat(answer.outcome()).isEqualTo(CacheOutcome.HIT);
    assertThat(requests()).isEmpty();
    assertThat(here.log.threads()).containsExactly("lookup");
    assertThat(cache.find(pull(LATEST), LATEST)).isPresent();
  }

  @Test
  void lateTagIsServedAtOnceAndCostsOneHeadAfterwards() {
    put(LATEST, "one");
    pullOnce(LATEST);
    clock.advance(FRESH);

    ManifestAnswer answer = cache.find(pull(LATEST), LATEST).orElseThrow();
    assertThat(answer.outcome()).isEqualTo(CacheOutcome.HIT);
    assertThat(answer.detail()).isEqualTo("revalidating");
    assertThat(requests()).isEmpty();
    settle();
    assertThat(requests()).containsExactly("HEAD latest");

    ManifestAnswer next = cache.find(pull(LATEST), LATEST).orElseThrow();
    assertThat(next.detail()).isNull();
    assertThat(next.since()).isEqualTo(clock.instant());
  }

  @Test
  void hundredPullsOfALateTagCostOneHead() {
    put(LATEST, "one");
    pullOnce(LATEST);
    clock.advance(FRESH);

    for (int i = 0; i < 100; i++) {
      assertThat(cache.find(pull(LATEST), LATEST)).isPresent();
    }
    settle();

    assertThat(requests()).containsExactly("HEAD latest");
  }

  @Test
  void lateTagThatHasMovedIsFollowedAfterwards() {
    put(LATEST, "one");
    Digest old = pullOnce(LATEST);
    Digest moved = put(LATEST, "two");
    clock.advance(FRESH);

    assertThat(get(LATEST).digest()).isEqualTo(old);
    assertThat(get(LATEST).digest()).isEqualTo(moved);
    assertThat(requests()).containsExactly("HEAD latest", "GET " + moved);
  }

  @Test
  void oldTagThatHasNotMovedCostsOneHead() {
    put(LATEST, "one");
    pullOnce(LATEST);
    clock.advance(LATE);
    assertThat(cache.find(pull(LATEST), LATEST)).isEmpty();

    ManifestAnswer answer = get(LATEST);

    assertThat(answer.outcome()).isEqualTo(CacheOutcome.REVALIDATED);
    assertThat(answer.since()).isEqualTo(clock.instant());
    assertThat(requests()).containsExactly("HEAD latest");
  }

  @Test
  void oldTagThatHasMovedCostsOneHeadAndOneGet() {
    put(LATEST, "one");
    pullOnce(LATEST);
    Digest moved = put(LATEST, "two");
    clock.advance(LATE);

    ManifestAnswer answer = get(LATEST);

    assertThat(answer.outcome()).isEqualTo(CacheOutcome.MISS);
    assertThat(answer.digest()).isEqualTo(moved);
    assertThat(requests()).containsExactly("HEAD latest", "GET " + moved);
  }

  @Test
  void tagThatHasMovedToWhatIsHereCostsOneHead() {
    put(LATEST, "one");
    pullOnce(LATEST);
    Digest moved = put(LATEST, "two");
    get(moved);
    forgetCosts();
    clock.advance(LATE);

    ManifestAnswer answer = get(LATEST);

    assertThat(answer.outcome()).isEqualTo(CacheOutcome.REVALIDATED);
    assertThat(answer.digest()).isEqualTo(moved);
    assertThat(requests()).containsExactly("HEAD latest");
  }

  @Test
  void hundredPullsOfAnOldTagCostOneHead() {
    put(LATEST, "one");
    pullOnce(LATEST);
    clock.advance(LATE);

    List<CompletableFuture<ManifestAnswer>> all = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      all.add(begin(LATEST));
    }
    settle();

    assertThat(all)
        .allSatisfy(
            one -> assertThat(Told.answer(one).outcome()).isEqualTo(CacheOutcome.REVALIDATED));
    assertThat(requests()).containsExactly("HEAD latest");
  }

  @Test
  void manifestWhoseBytesAreGoneIsFetchedAnew() {
    put(LATEST, "one");
    Digest digest = pullOnce(LATEST);
    here.removeBytes(digest);

    ManifestAnswer answer = get(LATEST);

    assertThat(bytes(answer)).isEqualTo(manifest("one"));
    assertThat(requests()).as("it is known where the tag leads").containsExactly("GET " + digest);
  }

  /** S33: an older version stored whatever type the upstream sent. */
  @ParameterizedTest
  @ValueSource(
      strings = {"text/html", "image/svg+xml", "application/xhtml+xml", "", "text/xml; a=b"})
  void typeThatNoManifestHasIsReadFromTheStoredBody(String stored) throws IOException {
    Manifest manifest = verified("one");
    here.files.store().put(manifest.digest(), manifest.bytes());
    here.fromTheTables()
        .linkManifest(
            APP,
            new Manifest(manifest.digest(), stored, manifest.bytes(), List.of(), null, null, null),
            clock.instant());

    ManifestAnswer answer = get(manifest.digest());

    assertThat(answer.mediaType()).isEqualTo(OCI_MANIFEST);
    assertThat(bytes(answer)).isEqualTo(manifest("one"));
    assertThat(requests()).isEmpty();
  }

  @Test
  void manifestThatHasRottedIsFetchedAnew() throws IOException {
    Manifest manifest = verified("one");
    put(LATEST, "one");
    here.files.store().put(manifest.digest(), manifest.bytes());
    here.fromTheTables().linkManifest(APP, manifest, clock.instant());
    here.damage(manifest.digest(), manifest("no!"));

    ManifestAnswer answer = get(manifest.digest());

    assertThat(answer.outcome()).isEqualTo(CacheOutcome.MISS);
    assertThat(bytes(answer)).isEqualTo(manifest("one"));
    assertThat(requests()).containsExactly("GET " + manifest.digest());
  }

  @Test
  void manifestThatTheStoreDoesNotTakeIsServedAndFetchedAgain() throws IOException {
    Digest digest = put(LATEST, "one");
    Path blobs = Files.createDirectories(folder.resolve("data/blobs/sha256"));
    Files.writeString(blobs.resolve(digest.hex().substring(0, 2)), "not a folder");

    assertThat(bytes(get(LATEST))).isEqualTo(manifest("one"));
    assertThat(bytes(get(LATEST))).isEqualTo(manifest("one"));

    assertThat(requests()).containsExactly("HEAD latest", "GET " + digest, "GET " + digest);
  }

  @Test
  void databaseThatIsDownMakesUnavailableAndAsksNoUpstream() {
    put(LATEST, "one");
    here.database.goDown();

    assertThat(Told.failureOf(finish(LATEST)).error()).isEqualTo(OciError.UNAVAILABLE);
    assertThat(requests()).isEmpty();
  }

  @Test
  void fullQueuesMakeUnavailable() {
    put(LATEST, "one");
    lookups.full(true);
    assertThat(Told.failureOf(finish(LATEST)).error()).isEqualTo(OciError.UNAVAILABLE);

    lookups.full(false);
    upstream.questions.full(true);
    OciException told = Told.failureOf(finish(LATEST));
    assertThat(told.error()).isEqualTo(OciError.UNAVAILABLE);
    assertThat(told.retryAfter()).isPresent();
  }

  @Test
  void immutableTagIsServedForADayAndNobodyIsAsked() {
    put(IMMUTABLE, "one");
    pullOnce(IMMUTABLE);
    clock.advance(Duration.ofDays(1).minusMillis(1));

    assertThat(get(IMMUTABLE).outcome()).isEqualTo(CacheOutcome.HIT);
    assertThat(requests()).isEmpty();
  }

  @Test
  void immutableTagIsServedAfterADayAndCheckedByOneHeadEachDay() {
    put(IMMUTABLE, "one");
    Digest digest = pullOnce(IMMUTABLE);
    for (int day = 1; day <= 3; day++) {
      clock.advance(Duration.ofDays(1));
      ManifestAnswer answer = cache.find(pull(IMMUTABLE), IMMUTABLE).orElseThrow();
      assertThat(answer.outcome()).isEqualTo(CacheOutcome.HIT);
      assertThat(answer.digest()).isEqualTo(digest);
      assertThat(requests()).hasSize(day - 1);
      settle();
      get(IMMUTABLE);
      assertThat(requests()).hasSize(day).containsOnly("HEAD v1");
    }
  }

  @Test
  void immutableTagThatHasMovedIsServedAsItWas() {
    put(IMMUTABLE, "one");
    Digest digest = pullOnce(IMMUTABLE);
    put(IMMUTABLE, "two");
    clock.advance(Duration.ofDays(1));

    assertThat(get(IMMUTABLE).digest()).isEqualTo(digest);
    ManifestAnswer next = get(IMMUTABLE);

    assertThat(next.digest()).isEqualTo(digest);
    assertThat(next.detail()).isEqualTo("moved");
    assertThat(requests()).containsExactly("HEAD v1");
  }

  @Test
  void checkOfAnImmutableTagThatFailsIsDoneForTheDay() {
    put(IMMUTABLE, "one");
    pullOnce(IMMUTABLE);
    clock.advance(Duration.ofDays(1));
    upstream.registry.inject(of(IMMUTABLE), Fault.status(500), 1);

    get(IMMUTABLE);
    assertThat(get(IMMUTABLE).outcome()).isEqualTo(CacheOutcome.HIT);

    assertThat(requests()).containsExactly("HEAD v1");
  }

  /** A HEAD and a GET of clients are the same question. */
  @Test
  void clientThatWaitsWhileTheUpstreamAnswersAsksNothing() {
    Digest digest = put(LATEST, "one");
    CompletableFuture<ManifestAnswer> first = begin(LATEST);
    CompletableFuture<ManifestAnswer> second = begin(LATEST);
    clock.advance(Duration.ofMillis(5));
    lookups.runNext();
    upstream.questions.runAll();
    assertThat(Told.answer(first).outcome()).isEqualTo(CacheOutcome.MISS);
    settle();

    assertThat(Told.answer(second).digest()).isEqualTo(digest);
    assertThat(requests()).containsExactly("HEAD latest", "GET " + digest);
  }
}
