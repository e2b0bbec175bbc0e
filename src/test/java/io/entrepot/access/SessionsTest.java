package io.entrepot.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.fixture.TestClock;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which sessions count, and where. */
class SessionsTest {
  private static final Principal ANN = new Principal("ldap", "ann", Set.of("ops", "all"));

  @TempDir Path folder;
  private final TestClock clock = new TestClock();

  /** The sessions of a node. Nodes of one deployment have the same keys. */
  private Sessions node(String keys, String deployment) throws IOException {
    return new Sessions(
        TokenKeys.open(new KeyFile(folder.resolve(keys)), Sessions.LIFETIME, clock),
        deployment,
        clock);
  }

  @Test
  void sessionOfOneNodeCountsOnAnother() throws IOException {
    String session = node("keys", "this").begin(ANN, Set.of("ops", "others"));
    assertThat(node("keys", "this").find(session))
        .hasValue(new Principal("ldap", "ann", Set.of("ops")));
  }

  @Test
  void sessionOfAnotherDeploymentIsNone() throws IOException {
    String session = node("keys", "this").begin(ANN, Set.of());
    assertThat(node("keys", "other").find(session)).isEmpty();
    assertThat(node("other-keys", "this").find(session)).isEmpty();
  }

  @Test
  void sessionThatWasChangedIsNone() throws IOException {
    Sessions sessions = node("keys", "this");
    String session = sessions.begin(ANN, Set.of());
    int dot = session.indexOf('.') + 1;
    String spoiled = session.substring(0, dot) + "x" + session.substring(dot + 1);
    assertThat(sessions.find(session)).isPresent();
    assertThat(sessions.find(spoiled)).isEmpty();
    assertThat(sessions.find(session.substring(0, session.lastIndexOf('.') + 1))).isEmpty();
  }

  @Test
  void beginningOfALoginIsNoSession() throws IOException {
    TokenKeys keys = TokenKeys.open(new KeyFile(folder.resolve("keys")), Sessions.LIFETIME, clock);
    LoginAttempt attempt =
        new LoginAttempt("staff", "s", "n", "v", URI.create("https://x.example/"), "");
    String begun = attempt.sign(keys, "this/login", clock.instant());
    assertThat(LoginAttempt.read(begun, keys, "this/login")).hasValue(attempt);
    assertThat(new Sessions(keys, "this", clock).find(begun)).isEmpty();
    assertThat(LoginAttempt.read(begun, keys, "other/login")).isEmpty();
  }
}
