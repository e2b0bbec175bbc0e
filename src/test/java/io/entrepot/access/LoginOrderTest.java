package io.entrepot.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.access.Authenticator.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** In which order ways to log in are asked, and when the next one is (S22). */
class LoginOrderTest {
  private static final PasswordLogin ANN = new PasswordLogin("ann", "right");
  private static final ServerRealm REALM = (login, asked) -> Optional.empty();
  private static final Outcome KNOWN = new Outcome.Known(new Principal("second", "ann"));
  private static final Outcome NO_USER = new Outcome.NoSuchUser();

  private final List<String> asked = new ArrayList<>();

  private Authenticator way(String name, boolean mayKnow, Outcome outcome) {
    return new Authenticator() {
      @Override
      public boolean mayKnow(PasswordLogin login) {
        return mayKnow;
      }

      @Override
      public boolean isRemembered(PasswordLogin login) {
        return outcome instanceof Outcome.Known;
      }

      @Override
      public CompletableFuture<Outcome> authenticate(PasswordLogin login, ServerRealm realm) {
        asked.add(name);
        return CompletableFuture.completedFuture(outcome);
      }
    };
  }

  private Outcome outcome(Authenticator... ways) {
    asked.clear();
    return new LoginOrder(List.of(ways)).authenticate(ANN, REALM).join();
  }

  @Test
  void nextWayIsAskedOnlyIfThereIsNoSuchUser() {
    Authenticator second = way("second", true, KNOWN);
    assertThat(outcome(way("first", true, NO_USER), second)).isEqualTo(KNOWN);
    assertThat(asked).containsExactly("first", "second");

    for (Outcome last :
        List.of(new Outcome.Wrong(), new Outcome.Busy(), new Outcome.Unavailable())) {
      assertThat(outcome(way("first", true, last), second)).isEqualTo(last);
      assertThat(asked).as("after %s", last).containsExactly("first");
    }
  }

  @Test
  void wayThatCannotKnowTheUserIsSkippedUnlessItIsTheLast() {
    assertThat(outcome(way("first", false, NO_USER), way("second", true, KNOWN))).isEqualTo(KNOWN);
    assertThat(asked).containsExactly("second");
    assertThat(outcome(way("first", false, NO_USER), way("second", false, NO_USER)))
        .isEqualTo(NO_USER);
    assertThat(asked).as("an unknown user takes as long as a known one").containsExactly("second");
  }

  @Test
  void withoutAWayThereIsNoUser() {
    assertThat(outcome()).isEqualTo(NO_USER);
    assertThat(new LoginOrder(List.of()).isRemembered(ANN)).isFalse();
  }

  @Test
  void passwordIsRememberedIfOneWayRemembersIt() {
    LoginOrder order =
        new LoginOrder(List.of(way("first", true, NO_USER), way("second", true, KNOWN)));
    assertThat(order.isRemembered(ANN)).isTrue();
  }
}
