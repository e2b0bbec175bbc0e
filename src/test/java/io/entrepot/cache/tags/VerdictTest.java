package io.entrepot.cache.tags;

import static io.entrepot.cache.tags.Verdict.FETCHED;
import static io.entrepot.cache.tags.Verdict.SERVED;
import static io.entrepot.cache.tags.Verdict.SERVED_AND_CHECKED;
import static io.entrepot.cache.tags.Verdict.SERVED_WHILE_ASKED;
import static io.entrepot.cache.tags.Verdict.SPARED;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.routing.Freshness.State;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The verdict for each combination of facts: held, state, refused, scarce, absent, reachable. */
class VerdictTest {
  @ParameterizedTest
  @CsvSource({
    "true,  FRESH, false, false, false, true,  SERVED",
    "true,  FRESH, true,  true,  true,  false, SERVED",
    "true,  LATE,  false, false, false, true,  SERVED_WHILE_ASKED",
    "true,  LATE,  false, false, true,  false, SERVED_WHILE_ASKED",
    "true,  LATE,  false, true,  false, true,  SPARED",
    "true,  LATE,  true,  false, false, true,  ASKED",
    "true,  OLD,   false, true,  false, true,  SPARED",
    "true,  OLD,   true,  true,  false, true,  ASKED",
    "true,  OLD,   false, false, false, true,  ASKED",
    "true,  OLD,   false, false, false, false, STALE",
    "true,  OLD,   true,  false, false, false, REFUSED",
    "false, OLD,   true,  false, false, false, UNREACHABLE",
    "true,  OLD,   false, false, true,  true,  ABSENT",
    "false, FRESH, false, false, false, true,  FETCHED",
    "false, OLD,   false, true,  false, true,  FETCHED",
    "false, FRESH, false, false, true,  true,  ABSENT",
    "false, FRESH, false, false, true,  false, ABSENT",
    "false, FRESH, false, false, false, false, UNREACHABLE",
  })
  void verdictFollowsFromWhatIsKnown(
      boolean held,
      State state,
      boolean refused,
      boolean scarce,
      boolean absent,
      boolean reachable,
      Verdict verdict) {
    Known facts = new Known(held, state, false, refused, scarce, absent, reachable);
    assertThat(Verdict.of(facts)).isEqualTo(verdict);
    assertThat(Verdict.withoutAsking(facts).isPresent())
        .isEqualTo(Set.of(SERVED, SERVED_WHILE_ASKED, SPARED).contains(verdict));
  }

  private record Known(
      boolean isHeld,
      State state,
      boolean isCheckDue,
      boolean isRefused,
      boolean isScarce,
      boolean isAbsent,
      boolean isReachable)
      implements Verdict.Facts {}

  @Test
  void tagThatIsDueForACheckIsServedAndChecked() {
    Known due = new Known(true, State.FRESH, true, false, false, false, true);
    assertThat(Verdict.of(due)).isEqualTo(SERVED_AND_CHECKED);
    Known elsewhere = new Known(false, State.FRESH, true, false, false, false, true);
    assertThat(Verdict.of(elsewhere)).isEqualTo(FETCHED);
  }

  @ParameterizedTest
  @CsvSource({
    "SERVED, 0, 0, 0",
    "SERVED_WHILE_ASKED, 1, 0, 1",
    "SERVED_AND_CHECKED, 1, 0, 1",
    "SPARED, 0, 0, 0",
    "STALE, 0, 0, 0",
    "ASKED, 1, 1, 1",
    "ASKED_FOR_CLIENT, 1, 1, 1",
    "FETCHED, 2, 2, 1",
    "FETCHED_AS_RESOLVED, 1, 1, 1",
    "ABSENT, 0, 0, 0",
    "REFUSED, 0, 0, 0",
    "UNREACHABLE, 0, 0, 0",
  })
  void verdictHasItsPrice(Verdict verdict, int byTag, int byTagUnanswered, int byDigest) {
    assertThat(verdict.requests(true, true)).isEqualTo(byTag);
    assertThat(verdict.requests(true, false)).isEqualTo(byTagUnanswered);
    assertThat(verdict.requests(false, true)).isEqualTo(byDigest);
  }
}
