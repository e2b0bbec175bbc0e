package io.entrepot.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import at.favre.lib.crypto.bcrypt.BCrypt;
import io.entrepot.access.Authenticator.Outcome;
import io.entrepot.fixture.TestClock;
import io.entrepot.memory.MemoryBudget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logins by an htpasswd file (S22). */
class HtpasswdTest {
  private static final PasswordLogin ANN = new PasswordLogin("ann", "right");

  private static final ServerRealm REALM = (login, asked) -> Optional.empty();

  @TempDir Path folder;
  private final TestClock clock = new TestClock();
  private final Deque<Runnable> tasks = new ArrayDeque<>();
  private Path file;

  @BeforeEach
  void write() throws IOException {
    file = Files.writeString(folder.resolve("users"), entry("ann", "right"));
  }

  private static String entry(String user, String password) {
    return user + ":" + BCrypt.withDefaults().hashToString(4, password.toCharArray()) + "\n";
  }

  private Htpasswd open() throws IOException {
    return Htpasswd.open(file, tasks::add, new MemoryBudget(128L << 20), clock);
  }

  private Outcome outcome(Htpasswd users, PasswordLogin login) {
    CompletableFuture<Outcome> outcome = users.authenticate(login, REALM);
    while (!tasks.isEmpty()) {
      tasks.remove().run();
    }
    return outcome.join();
  }

  @Test
  void passwordIsCheckedOnceAMinuteAndOnTheExecutorOnly() throws IOException {
    Htpasswd users = open();
    Outcome.Known known = new Outcome.Known(new Principal("htpasswd", "ann"));

    CompletableFuture<Outcome> first = users.authenticate(ANN, REALM);
    CompletableFuture<Outcome> second = users.authenticate(ANN, REALM);
    assertThat(first).isNotDone();
    assertThat(tasks).as("one check for both").hasSize(1);
    tasks.remove().run();
    assertThat(first.join()).isEqualTo(known);
    assertThat(second.join()).isEqualTo(known);

    assertThat(users.authenticate(ANN, REALM).join()).as("remembered").isEqualTo(known);
    clock.advance(Duration.ofSeconds(61));
    assertThat(users.authenticate(ANN, REALM)).as("checked again").isNotDone();
  }

  @Test
  void wrongPasswordsAndUnknownUsersAreToldApart() throws IOException {
    Htpasswd users = open();
    assertThat(outcome(users, new PasswordLogin("ann", "wrong"))).isInstanceOf(Outcome.Wrong.class);
    assertThat(outcome(users, new PasswordLogin("bob", "right")))
        .isInstanceOf(Outcome.NoSuchUser.class);
    assertThat(outcome(users, new PasswordLogin("ann", "x".repeat(64 << 10))))
        .isInstanceOf(Outcome.Wrong.class);
    assertThat(outcome(users, new PasswordLogin("ann", ""))).isInstanceOf(Outcome.Wrong.class);
  }

  @Test
  void changedFileForgetsWhatWasRememberedAndABrokenOneChangesNothing() throws IOException {
    Htpasswd users = open();
    assertThat(outcome(users, ANN)).isInstanceOf(Outcome.Known.class);

    Files.writeString(file, "ann:broken\nand more text\n");
    clock.advance(Duration.ofSeconds(2));
    assertThat(users.isRemembered(ANN)).as("the content of before stays").isTrue();

    Files.writeString(file, entry("ann", "another password"));
    clock.advance(Duration.ofSeconds(2));
    assertThat(users.isRemembered(ANN)).isFalse();
    assertThat(outcome(users, ANN)).isInstanceOf(Outcome.Wrong.class);
    assertThat(outcome(users, new PasswordLogin("ann", "another password")))
        .isInstanceOf(Outcome.Known.class);
  }

  @Test
  void tooManyPasswordsAtOnceAreBusy() throws IOException {
    Htpasswd users =
        Htpasswd.open(
            file,
            task -> {
              throw new RejectedExecutionException();
            },
            new MemoryBudget(128L << 20),
            clock);
    assertThat(users.authenticate(ANN, REALM).join()).isInstanceOf(Outcome.Busy.class);
    assertThat(users.authenticate(ANN, REALM).join()).isInstanceOf(Outcome.Busy.class);
  }

  @Test
  void entriesOfOtherKindsAreRefusedByTheirLines() throws IOException {
    Files.write(
        file,
        ("# users\nann:{SHA}canary=\n\nbob\n"
                + entry("eve", "x").replace("$04$", "$31$")
                + entry("ida", "x")
                + entry("ida", "y"))
            .getBytes(UTF_8));
    assertThatThrownBy(this::open)
        .isInstanceOf(IOException.class)
        .hasMessage(
            "the file "
                + file
                + " cannot be read: line 2: the hash is not bcrypt; make it with htpasswd -B;"
                + " line 4: expected user:hash; line 5: the cost of the hash is not 4 to 14;"
                + " line 7: the user is listed twice");
  }

  @Test
  void fileOfNothingButMistakesHasAShortMessage() {
    byte[] mistakes = "x\n".repeat(HtpasswdFile.MAX_BYTES / 2).getBytes(UTF_8);
    assertThatThrownBy(() -> HtpasswdFile.parse(mistakes))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("line 1: expected user:hash; line 2: ")
        .hasMessageEndingWith("line 20: expected user:hash; and 524268 more");
  }
}
