package io.entrepot.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.access.Authenticator.Outcome;
import io.entrepot.fixture.TestClock;
import io.entrepot.memory.MemoryBudget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Logins by the realm of the server, and how few wrong passwords of a user reach it (S22). */
class ContainerLoginsTest {
  private static final Outcome WRONG = new Outcome.Wrong();
  private static final Outcome ANN =
      new Outcome.Known(new Principal("container", "ann", Set.of("ops")));

  private final TestClock clock = new TestClock();
  private final List<PasswordLogin> asked = new ArrayList<>();
  private AccessRules rules = rules("ops");
  private final ContainerLogins logins =
      new ContainerLogins(() -> rules, new MemoryBudget(128L << 20), clock);

  private static AccessRules rules(String group) {
    return new AccessRules(
        List.of(new AccessRule(group, new Who.Group("", group), Set.of(Right.PULL), List.of())));
  }

  /** The realm: ann has the password {@code right}, and is in the groups ops and dev. */
  private Optional<Set<String>> realm(PasswordLogin login, Set<String> groups) {
    asked.add(login);
    return login.equals(new PasswordLogin("ann", "right")) ? Optional.of(groups) : Optional.empty();
  }

  private Outcome login(String user, String password) {
    return logins.authenticate(new PasswordLogin(user, password), this::realm).join();
  }

  @Test
  void realmIsAskedOnceAMinuteAndAgainForOtherGroups() {
    assertThat(login("ann", "right")).isEqualTo(ANN);
    assertThat(login("ann", "right")).isEqualTo(ANN);
    assertThat(asked).hasSize(1);
    rules = rules("dev");
    assertThat(login("ann", "right"))
        .isEqualTo(new Outcome.Known(new Principal("container", "ann", Set.of("dev"))));
    clock.advance(Duration.ofSeconds(61));
    assertThat(login("ann", "right")).isInstanceOf(Outcome.Known.class);
    assertThat(asked).hasSize(3);
  }

  @Test
  void emptyPasswordAndEmptyUserAreNeverSent() {
    assertThat(login("ann", "")).isEqualTo(WRONG);
    assertThat(login("", "right")).isEqualTo(WRONG);
    assertThat(asked).isEmpty();
  }

  @Test
  void threeWrongPasswordsOfAUserReachTheRealmWithinAnHour() {
    for (String user : List.of("ann", "Ann ", "ANN")) {
      assertThat(login(user, "guess of " + user)).isEqualTo(WRONG);
    }
    clock.advance(Duration.ofMinutes(20));
    assertThat(login("ann", "another guess"))
        .isEqualTo(new Outcome.TooMany(Duration.ofMinutes(40)));
    assertThat(login("ann", "right")).isInstanceOf(Outcome.TooMany.class);
    assertThat(login("bob", "guess")).as("another user").isEqualTo(WRONG);
    assertThat(asked).hasSize(4);

    clock.advance(Duration.ofMinutes(40));
    assertThat(login("ann", "right")).isEqualTo(ANN);
  }

  @Test
  void samePasswordIsNotSentAgainAfterItWasWrong() {
    for (int i = 0; i < 10; i++) {
      assertThat(login("ann", "old")).isEqualTo(WRONG);
    }
    assertThat(asked).hasSize(1);
    assertThat(login("ann", "right")).isEqualTo(ANN);
  }

  @Test
  void whoLoggedInBeforeIsLetInWhateverStrangersTry() {
    assertThat(login("ann", "right")).isEqualTo(ANN);
    for (int i = 0; i < 5; i++) {
      login("ann", "guess" + i);
    }
    clock.advance(Duration.ofMinutes(2));
    assertThat(login("ann", "right")).as("no longer remembered").isEqualTo(ANN);
    assertThat(asked).as("right, three guesses, right").hasSize(5);
  }

  @Test
  void onlySixteenAskTheRealmAtOnce() {
    List<Outcome> within = new ArrayList<>();
    askWithin(0, within);
    assertThat(within.get(0)).isInstanceOf(Outcome.Busy.class);
    assertThat(within.subList(1, within.size())).hasSize(16).containsOnly(WRONG);
  }

  /** Logs in while the realm is asked, until it is not asked any more. */
  private void askWithin(int depth, List<Outcome> outcomes) {
    PasswordLogin login = new PasswordLogin("user" + depth, "x");
    outcomes.add(
        logins
            .authenticate(
                login,
                (one, groups) -> {
                  askWithin(depth + 1, outcomes);
                  return Optional.empty();
                })
            .join());
  }

  @Test
  void realmThatFailsIsUnavailableAndNoFailureOfTheUser() {
    for (int i = 0; i < 5; i++) {
      CompletableFuture<Outcome> outcome =
          logins.authenticate(
              new PasswordLogin("ann", "right"),
              (login, groups) -> {
                throw new IllegalStateException("down");
              });
      assertThat(outcome.join()).isInstanceOf(Outcome.Unavailable.class);
    }
    assertThat(login("ann", "right")).isEqualTo(ANN);
  }
}
