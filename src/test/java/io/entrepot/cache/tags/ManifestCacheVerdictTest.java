package io.entrepot.cache.tags;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.cache.CacheOutcome;
import io.entrepot.cache.ClientErrors;
import io.entrepot.cache.Question;
import io.entrepot.cache.Questions;
import io.entrepot.catalog.Catalog;
import io.entrepot.catalog.LinkKind;
import io.entrepot.catalog.TagEntry;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.Reference;
import io.entrepot.oci.Tag;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.SoftAssertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Explanations and the cache agree: in every state of a manifest, a pull has the cost and the
 * answer of its verdict.
 */
class ManifestCacheVerdictTest extends ManifestCacheFixture {
  private final SoftAssertions softly = new SoftAssertions();
  private final Set<Verdict> seen = EnumSet.noneOf(Verdict.class);
  private Catalog tables;
  private int tries;

  /** The kind of reference of a pull, and the age of its tag. */
  private enum Kind {
    DIGEST(null, Duration.ZERO),
    UNKNOWN("t", null),
    FRESH("t", Duration.ZERO),
    LATE("t", ManifestCacheFixture.FRESH),
    OLD("t", ManifestCacheFixture.LATE),
    IMMUTABLE("v", Duration.ofHours(23)),
    IMMUTABLE_AND_DUE("v", Duration.ofDays(1));

    private final @Nullable String prefix;
    private final @Nullable Duration age;

    Kind(@Nullable String prefix, @Nullable Duration age) {
      this.prefix = prefix;
      this.age = age;
    }
  }

  /** A state of a manifest, which is in memory or only in the database. */
  private record State(
      Kind kind,
      boolean held,
      boolean inMemory,
      boolean refused,
      boolean absent,
      boolean scarce,
      boolean reachable) {}

  /** Of a tag that is not known, nobody can say whether the manifest it leads to is here. */
  private static boolean isLeftOut(State state) {
    return state.kind == Kind.UNKNOWN && state.held;
  }

  private static List<State> states() {
    List<State> all = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      for (int bits = 0; bits < 64; bits++) {
        all.add(
            new State(
                kind,
                (bits & 1) > 0,
                (bits & 2) > 0,
                (bits & 4) > 0,
                (bits & 8) > 0,
                (bits & 16) > 0,
                (bits & 32) > 0));
      }
    }
    all.removeIf(ManifestCacheVerdictTest::isLeftOut);
    return all;
  }

  @Test
  void pullCostsAndGivesWhatItsVerdictSaysInEveryState() throws IOException {
    tables = here.fromTheTables();
    for (State state : states()) {
      check(state);
    }

    softly.assertAll();
    // ClientCredentialsTest has an upstream that is asked for each client.
    assertThat(seen)
        .containsExactlyInAnyOrderElementsOf(
            EnumSet.complementOf(EnumSet.of(Verdict.ASKED_FOR_CLIENT)));
  }

  private void check(State state) throws IOException {
    Manifest manifest = verified("try " + ++tries);
    Reference reference =
        state.kind.prefix == null ? manifest.digest() : new Tag(state.kind.prefix + tries);
    bringAbout(state, reference, manifest);
    TagEntry entry =
        reference instanceof Tag tag ? tables.tags().find(APP, tag).orElse(null) : null;
    boolean known = reference instanceof Digest || entry != null;
    Verdict.Facts facts =
        cache.facts(source(), reference, entry, () -> known && isHeld(manifest.digest()));
    boolean answered = source().isReachable() && !facts.isAbsent();
    Verdict verdict = Verdict.of(facts);
    int expected = verdict.requests(reference instanceof Tag, answered);
    forgetCosts();

    CompletableFuture<ManifestAnswer> answer = finish(reference);

    seen.add(verdict);
    softly.assertThat(requests()).as("what %s by %s costs", state, verdict).hasSize(expected);
    softly
        .assertThat(outcome(answer))
        .as("what %s by %s gives", state, verdict)
        .isEqualTo(outcome(verdict));
    upstream.reachable(true);
    upstream.scarce(false);
  }

  private boolean isHeld(Digest digest) {
    try {
      return tables.findLink(APP, digest, LinkKind.MANIFEST).isPresent()
          && here.files.store().find(digest).isPresent();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void bringAbout(State state, Reference reference, Manifest manifest) throws IOException {
    String name = "try " + tries;
    Tag tag = reference instanceof Tag given ? given : new Tag("t" + tries);
    put(tag, name);
    if (state.held) {
      if (state.inMemory) {
        here.content.storeManifest(APP, manifest);
      } else {
        here.files.store().put(manifest.digest(), manifest.bytes());
        tables.linkManifest(APP, manifest, clock.instant());
      }
    }
    if (reference instanceof Tag && state.kind.age != null) {
      TagEntry entry =
          new TagEntry(APP, tag, manifest.digest(), clock.instant().minus(state.kind.age));
      if (state.inMemory) {
        here.content.tags().put(entry);
      } else {
        tables.tags().put(entry);
      }
    }
    Question question = Question.of(source(), reference);
    if (state.refused) {
      refuse(question);
    }
    if (state.absent) {
      OciException none = new OciException(OciError.MANIFEST_UNKNOWN, "there is none");
      questions.noteIfAbsent(source(), question, none);
    }
    upstream.scarce(state.scarce);
    upstream.reachable(state.reachable);
  }

  private void refuse(Question question) {
    Questions.Answering<String> answering =
        new Questions.Answering<>(
            () -> {
              throw new UpstreamException(Failure.DENIED, "refused");
            },
            OciError.MANIFEST_UNKNOWN,
            why -> Optional.empty());
    var unused = questions.ask(pull(new Tag("latest")), question, answering);
    upstream.questions.runAll();
  }

  private static String outcome(CompletableFuture<ManifestAnswer> answer) {
    return answer
        .handle(
            (given, failure) ->
                failure == null
                    ? given.outcome().name()
                    : ClientErrors.unwrapped(failure) instanceof OciException told
                        ? told.error().name()
                        : String.valueOf(failure))
        .getNow("nothing yet");
  }

  private static String outcome(Verdict verdict) {
    return switch (verdict) {
      case SERVED, SERVED_AND_CHECKED, SERVED_WHILE_ASKED -> CacheOutcome.HIT.name();
      case SPARED, STALE -> CacheOutcome.STALE_UNASKED.name();
      case ASKED, ASKED_FOR_CLIENT -> CacheOutcome.REVALIDATED.name();
      case FETCHED, FETCHED_AS_RESOLVED -> CacheOutcome.MISS.name();
      case ABSENT -> OciError.MANIFEST_UNKNOWN.name();
      case REFUSED, UNREACHABLE -> OciError.UPSTREAM_FAILED.name();
    };
  }
}
