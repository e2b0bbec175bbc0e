package io.entrepot.upstream.credentials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.fixture.FakeHelper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class HelperProgramTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  @TempDir Path folder;

  private FakeHelper fake() {
    return new FakeHelper(folder, "fake");
  }

  private HelperProgram program(Duration timeout) throws IOException {
    return HelperProgram.find("fake", List.of(folder), timeout);
  }

  @Test
  void serverGoesInAndCredentialsComeOut() throws Exception {
    FakeHelper fake = fake().answers("ann", "hunter2");

    assertThat(program(LONG).get("https://index.docker.io/v1/"))
        .contains(new Credentials.Password("ann", "hunter2"));
    assertThat(fake.asked()).containsExactly("get https://index.docker.io/v1/");
  }

  @Test
  void tokenUserMeansAnIdentityToken() throws Exception {
    fake().answers("<token>", "refresh");

    assertThat(program(LONG).get("ghcr.io")).contains(new Credentials.IdentityToken("refresh"));
  }

  @Test
  void helperWithoutCredentialsIsNoFailure() throws Exception {
    fake().hasNone();
    assertThat(program(LONG).get("ghcr.io")).isEmpty();
    fake().answers("", "");
    assertThat(program(LONG).get("ghcr.io")).isEmpty();
  }

  @Test
  void helperThatDoesNotReadIsNoFailure() throws Exception {
    fake().write("#!/bin/sh\nexec 0<&-\necho '{\"Username\":\"a\",\"Secret\":\"b\"}'\n");

    assertThat(program(LONG).get("ghcr.io")).contains(new Credentials.Password("a", "b"));
  }

  @Test
  void failureIsToldByItsStatusAndNothingElse() {
    fake().runs("echo canary-on-stdout; exit 7");

    assertThatThrownBy(() -> program(LONG).get("ghcr.io"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("docker-credential-fake ended with status 7")
        .hasMessageNotContaining("canary");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "canary",
        "{\"Username\":\"canary",
        "{\"Username\":\"can:ary\",\"Secret\":\"canary\"}",
        "{\"Username\":\"x\",\"Secret\":\"\"}",
      })
  void answerThatIsNoneIsRefusedAndNotShown(String answer) {
    fake().runs("printf '%s' '" + answer + "'");

    assertThatThrownBy(() -> program(LONG).get("ghcr.io"))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("the credential helper docker-credential-fake")
        .hasMessageNotContaining("canary");
  }

  /** It would write for ever: what is too much ends it. */
  @Test
  void outputIsBounded() {
    fake().runs("yes canary");

    assertThatThrownBy(() -> program(LONG).get("ghcr.io"))
        .hasMessageContaining("wrote more than 65536 bytes");
  }

  /** The shell's child holds the output open; it is ended too. */
  @Test
  void helperThatHangsIsKilledWithItsChildren() {
    Path pid = folder.resolve("pid");
    fake().runs("sleep 1000 & echo $! > " + pid + "; wait");

    // Long enough for a loaded machine to get as far as that.
    assertThatThrownBy(() -> program(Duration.ofSeconds(3)).get("ghcr.io"))
        .hasMessageContaining("gave no answer within 3000 ms");
    Awaitility.await()
        .until(
            () ->
                ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()))
                    .filter(ProcessHandle::isAlive)
                    .isEmpty());
  }

  /** It has the output open, which holds nobody up. */
  @Test
  void childThatAHelperLeavesBehindIsEnded() throws Exception {
    Path pid = folder.resolve("pid");
    fake().runs("sleep 1000 & echo $! > " + pid + "; echo '{\"Username\":\"a\",\"Secret\":\"b\"}'");

    assertThat(program(LONG).get("ghcr.io")).contains(new Credentials.Password("a", "b"));
    Awaitility.await().until(() -> orphan(pid).filter(ProcessHandle::isAlive).isEmpty());
  }

  /** Such as gpg-agent, which keeps a key for the next run. */
  @Test
  void serviceThatAHelperStartsInASessionOfItsOwnStays() throws Exception {
    Path pid = folder.resolve("pid");
    fake()
        .runs(
            "setsid sh -c 'echo $$ > %1$s.new; mv %1$s.new %1$s; exec sleep 1000' &".formatted(pid)
                + " while [ ! -e "
                + pid
                + " ]; do sleep 0.02; done; echo '{\"Username\":\"a\",\"Secret\":\"b\"}'");
    try {
      assertThat(program(LONG).get("ghcr.io")).contains(new Credentials.Password("a", "b"));
      assertThat(orphan(pid).filter(ProcessHandle::isAlive)).isPresent();
    } finally {
      orphan(pid).ifPresent(ProcessHandle::destroyForcibly);
    }
  }

  private static Optional<ProcessHandle> orphan(Path pid) throws IOException {
    return ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()));
  }

  /** More than a pipe holds, and all of it before the end. */
  @Test
  void answerInPiecesIsReadToItsEnd() throws Exception {
    fake()
        .runs(
            "printf '{\"Username\":\"a\",'; sleep 0.1; printf '\"Secret\":\"b\",\"x\":\"%060000d\"}' 0");

    assertThat(program(LONG).get("ghcr.io")).contains(new Credentials.Password("a", "b"));
  }

  @Test
  void helperThatClosesItsOutputAndHangsIsKilled() {
    fake().runs("exec 1>&-; sleep 1000");

    assertThatThrownBy(() -> program(Duration.ofMillis(500)).get("ghcr.io"))
        .hasMessageContaining("gave no answer within 500 ms");
  }

  @Test
  void interruptionEndsTheHelper() throws Exception {
    Path started = folder.resolve("started");
    fake().runs("touch " + started + "; sleep 1000");
    HelperProgram program = program(LONG);
    FutureTask<Object> call = new FutureTask<>(() -> program.get("ghcr.io"));
    Thread caller = new Thread(call);
    caller.start();
    Awaitility.await().until(() -> Files.exists(started));

    caller.interrupt();

    assertThatThrownBy(call::get).hasCauseInstanceOf(InterruptedException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"../fake", "/bin/sh", "a/b", "", ".hidden", "-x", "a b", "a\nb", "ä"})
  void nameCannotLeadElsewhere(String name) {
    fake().answers("ann", "hunter2");

    assertThatThrownBy(() -> HelperProgram.find(name, List.of(folder), LONG))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no name of a credential helper");
  }

  @Test
  void firstFolderThatHasTheProgramWins(@TempDir Path other) throws Exception {
    new FakeHelper(other, "fake").answers("other", "x");
    fake().answers("ann", "hunter2");

    assertThat(
            HelperProgram.find("fake", List.of(folder.resolve("absent"), folder, other), LONG)
                .get("ghcr.io"))
        .contains(new Credentials.Password("ann", "hunter2"));
  }

  @Test
  void programThatIsNotThereOrNotExecutableIsNamed() throws Exception {
    Files.writeString(folder.resolve("docker-credential-fake"), "#!/bin/sh\n");
    for (String name : List.of("fake", "absent")) {
      assertThatThrownBy(() -> HelperProgram.find(name, List.of(folder), LONG))
          .hasMessage("there is no program docker-credential-" + name + " in [" + folder + "]");
    }
  }
}
