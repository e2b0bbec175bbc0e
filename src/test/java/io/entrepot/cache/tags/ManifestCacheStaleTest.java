package io.entrepot.cache.tags;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.cache.CacheOutcome;
import io.entrepot.cache.Told;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Recorded;
import io.entrepot.fixture.Reply;
import io.entrepot.oci.Digest;
import io.entrepot.oci.OciError;
import io.entrepot.oci.Tag;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers and cost of pulls of an old tag if the upstream does not answer, or is not asked. */
class ManifestCacheStaleTest extends ManifestCacheFixture {
  private static final Tag ABSENT = new Tag("absent");
  private Digest digest;

  @BeforeEach
  void pullAndGrowOld() {
    put(LATEST, "one");
    digest = pullOnce(LATEST);
    clock.advance(LATE);
  }

  private void assertStale(ManifestAnswer answer) {
    assertStale(answer, CacheOutcome.STALE);
  }

  private void assertStale(ManifestAnswer answer, CacheOutcome outcome) {
    assertThat(answer.outcome()).isEqualTo(outcome);
    assertThat(answer.digest()).isEqualTo(digest);
    assertThat(answer.warning()).isNotNull();
    assertThat(answer.since()).isEqualTo(clock.instant().minus(LATE));
  }

  @Test
  void tagIsSparedWhereTheQuotaIsScarce() {
    upstream.scarce(true);

    ManifestAnswer answer = cache.find(pull(LATEST), LATEST).orElseThrow();

    assertStale(answer, CacheOutcome.STALE_UNASKED);
    assertThat(answer.detail()).isEqualTo("scarce");
    settle();
    assertThat(requests()).isEmpty();
  }

  @Test
  void whatIsNotHereIsFetchedAlsoWhereTheQuotaIsScarce() {
    upstream.scarce(true);
    Digest other = put(ABSENT, "two");

    assertThat(get(ABSENT).outcome()).isEqualTo(CacheOutcome.MISS);

    assertThat(requests()).containsExactly("HEAD absent", "GET " + other);
  }

  @Test
  void scarceQuotaChecksNoImmutableTag() {
    put(IMMUTABLE, "one");
    pullOnce(IMMUTABLE);
    clock.advance(Duration.ofDays(2));
    upstream.scarce(true);

    assertThat(get(IMMUTABLE).outcome()).isEqualTo(CacheOutcome.HIT);
    assertThat(requests()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {500, 503, 429})
  void tagIsServedAsItWasWhereTheUpstreamFails(int status) {
    upstream.registry.inject(of(LATEST), Fault.status(status));

    assertStale(get(LATEST));
    assertThat(requests()).containsExactly("HEAD latest");
  }

  @Test
  void tagIsServedAsItWasWhereTheUpstreamIsNotAsked() {
    upstream.reachable(false);

    assertStale(get(LATEST), CacheOutcome.STALE_UNASKED);
    assertThat(requests()).isEmpty();
  }

  @Test
  void whatIsNotHereCannotBeHadWhereTheUpstreamIsNotAsked() {
    upstream.reachable(false);

    assertThat(Told.failureOf(finish(ABSENT)).error()).isEqualTo(OciError.UPSTREAM_FAILED);
    assertThat(requests()).isEmpty();
  }

  @Test
  void refusedTagIsNotServedUntilTheUpstreamAnswersAgain() {
    upstream.registry.inject(of(LATEST), Fault.status(403));
    assertThat(Told.failureOf(finish(LATEST)).error()).isEqualTo(OciError.DENIED);
    upstream.registry.clearFaults();
    forgetCosts();

    upstream.reachable(false);
    assertThat(Told.failureOf(finish(LATEST)).error()).isEqualTo(OciError.UPSTREAM_FAILED);
    assertThat(requests()).isEmpty();

    upstream.reachable(true);
    assertThat(get(LATEST).outcome()).isEqualTo(CacheOutcome.REVALIDATED);
    assertThat(requests()).containsExactly("HEAD latest");

    clock.advance(LATE);
    upstream.reachable(false);
    assertStale(get(LATEST), CacheOutcome.STALE_UNASKED);
  }

  @Test
  void refusedTagIsAskedForAlsoWhereTheQuotaIsScarce() {
    upstream.registry.inject(of(LATEST), Fault.status(403), 1);
    assertThat(finish(LATEST)).isCompletedExceptionally();
    forgetCosts();
    upstream.scarce(true);

    assertThat(get(LATEST).outcome()).isEqualTo(CacheOutcome.REVALIDATED);
    assertThat(requests()).containsExactly("HEAD latest");
  }

  @Test
  void deletedTagIsForgottenAndItsAbsenceBelieved() {
    upstream.registry.deleteTag(APP.value(), LATEST.toString());
    assertThat(Told.failureOf(finish(LATEST)).error()).isEqualTo(OciError.MANIFEST_UNKNOWN);

    clock.advance(NEGATIVE.minusMillis(1));
    assertThat(Told.failureOf(finish(LATEST)).error()).isEqualTo(OciError.MANIFEST_UNKNOWN);
    assertThat(requests()).containsExactly("HEAD latest");
    assertThat(here.fromTheTables().tags().find(APP, LATEST)).isEmpty();

    clock.advance(Duration.ofMillis(1));
    put(LATEST, "one");
    assertThat(get(LATEST).outcome()).isEqualTo(CacheOutcome.REVALIDATED);
    assertThat(requests()).containsExactly("HEAD latest", "HEAD latest");
  }

  @Test
  void deletedTagIsServedAsItWasWhereItIsKept() {
    keepDeleted = true;
    upstream.registry.deleteTag(APP.value(), LATEST.toString());

    assertStale(get(LATEST));
    assertStale(get(LATEST));

    assertThat(requests()).containsExactly("HEAD latest", "HEAD latest");
  }

  @ParameterizedTest
  @CsvSource({"404, MANIFEST_UNKNOWN, 1", "403, DENIED, 2", "500, UPSTREAM_FAILED, 2"})
  void failureOfADigestIsToldAndOnlyItsAbsenceIsBelieved(int status, OciError error, int asked) {
    Digest other = put(ABSENT, "two");
    upstream.registry.inject(of(other), Fault.status(status));

    assertThat(Told.failureOf(finish(other)).error()).isEqualTo(error);
    assertThat(Told.failureOf(finish(other)).error()).isEqualTo(error);

    assertThat(requests()).hasSize(asked);
  }

  @Test
  void deadlineGivesTheTagAsItWasAndTheUpstreamsOwnAnswerComesLater() {
    Digest moved = put(LATEST, "two");
    CompletableFuture<ManifestAnswer> first = begin(LATEST);
    lookups.runAll();
    assertThat(first).isNotDone();

    timer.ring();
    lookups.runAll();
    assertStale(Told.answer(first), CacheOutcome.STALE_UNASKED); // it still waits for a thread

    CompletableFuture<ManifestAnswer> second = begin(LATEST);
    settle();
    assertThat(Told.answer(second).digest()).isEqualTo(moved);
    assertThat(requests()).containsExactly("HEAD latest", "GET " + moved);
  }

  @Test
  void wrongManifestIsNotServed() {
    Digest moved = put(LATEST, "two");
    upstream.registry.inject(of(moved), Fault.corrupt(3));
    upstream.registry.inject(Recorded.manifestGet(LATEST), Fault.status(404));

    assertStale(get(LATEST));
    assertThat(requests()).containsExactly("HEAD latest", "GET " + moved, "GET latest");
  }

  /** A HEAD is a hint. A registry may answer it with a digest that it never had. */
  @ParameterizedTest
  @ValueSource(ints = {404, 410, 400})
  void whereTheDigestOfTheHeadCannotBeHadOneGetOfTheTagDecides(int status) {
    Digest moved = put(LATEST, "two");
    upstream.registry.inject(of(moved), Fault.status(status), 1);

    assertThat(get(LATEST).digest()).isEqualTo(moved);
    assertThat(requests()).containsExactly("HEAD latest", "GET " + moved, "GET latest");
    assertThat(here.fromTheTables().tags().find(APP, LATEST).orElseThrow().digest())
        .isEqualTo(moved);
  }

  @Test
  void tagWhoseNewDigestIsNotThereYetKeepsTheOldOne() {
    Digest moved = put(LATEST, "two");
    upstream.registry.inject(of(moved), Fault.status(404), 1);
    upstream.registry.inject(Recorded.manifestGet(LATEST), Fault.status(404), 1);

    assertStale(get(LATEST));
    assertThat(here.fromTheTables().tags().find(APP, LATEST)).isPresent();
    assertThat(get(LATEST).digest()).isEqualTo(moved);
    assertThat(requests())
        .containsExactly(
            "HEAD latest", "GET " + moved, "GET latest", "HEAD latest", "GET " + moved);
  }

  @Test
  void tagThatWasNeverHereAndWhoseDigestIsNotThereYetIsAskedForAgain() {
    Digest there = put(ABSENT, "two");
    upstream.registry.inject(of(there), Fault.status(404), 1);
    upstream.registry.inject(Recorded.manifestGet(ABSENT), Fault.status(404), 1);

    assertThat(Told.failureOf(finish(ABSENT)).error()).isEqualTo(OciError.UPSTREAM_FAILED);
    assertThat(get(ABSENT).digest()).isEqualTo(there);
  }

  @Test
  void jsonOfALoginPortalChangesNothing() {
    byte[] portal = "{\"error\":\"login_required\"}".getBytes(UTF_8);
    upstream.registry.inject(
        of(LATEST), Fault.reply(Reply.json(200, new String(portal, UTF_8))), 4);
    put(LATEST, "two");

    assertStale(get(LATEST));
    assertStale(get(LATEST));
    assertThat(requests())
        .containsExactly("HEAD latest", "GET latest", "HEAD latest", "GET latest");
    assertThat(here.content.findBytes(Digest.ofBytes(Digest.Algorithm.SHA256, portal))).isEmpty();
    upstream.registry.clearFaults();
    assertThat(get(LATEST).outcome()).isEqualTo(CacheOutcome.MISS);
  }
}
