package io.entrepot.upstream.credentials;

import static io.entrepot.upstream.registry.Bench.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.fixture.FakeHelper;
import io.entrepot.fixture.TestClock;
import io.entrepot.upstream.UpstreamException.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class HelperCredentialsTest {
  private static final Duration AGE = Duration.ofHours(6);
  private static final Duration PAUSE = Duration.ofSeconds(30);

  @TempDir Path folder;
  private final TestClock clock = new TestClock();
  private final ExecutorService callers = Executors.newCachedThreadPool();

  @AfterEach
  void close() {
    callers.shutdownNow();
  }

  private FakeHelper fake() {
    return new FakeHelper(folder, "fake");
  }

  private HelperCredentials source() throws IOException {
    return new Helpers(List.of(folder), Duration.ofSeconds(20), AGE, clock).open("fake", "ghcr.io");
  }

  private static Credentials password(String secret) {
    return new Credentials.Password("AWS", secret);
  }

  @Test
  void answerIsKept() throws Exception {
    FakeHelper fake = fake().answers("AWS", "p1");
    HelperCredentials source = source();

    assertThat(source.isAnonymous()).isFalse();
    assertThat(fake.asked()).as("before anybody needs it").isEmpty();
    assertThat(source.current()).isEqualTo(password("p1"));
    clock.advance(AGE.minusMillis(1));
    assertThat(source.current()).isEqualTo(password("p1"));
    assertThat(fake.asked()).containsExactly("get ghcr.io");
  }

  /** ECR's passwords last 12 hours; they are renewed without having been refused. */
  @Test
  void oldAnswerIsRenewedBeforeItIsRefused() throws Exception {
    FakeHelper fake = fake().answers("AWS", "p1");
    HelperCredentials source = source();
    source.current();
    fake.answers("AWS", "p2");
    clock.advance(AGE);

    assertThat(source.current()).isEqualTo(password("p2"));
    assertThat(fake.asked()).hasSize(2);
  }

  @Test
  void clockThatWentBackMakesNoAnswerEverlasting() throws Exception {
    FakeHelper fake = fake().answers("AWS", "p1");
    HelperCredentials source = source();
    source.current();
    clock.advance(Duration.ofDays(-1));

    source.current();

    assertThat(fake.asked()).hasSize(2);
  }

  @Test
  void refusedAnswerIsAskedForAnew() throws Exception {
    FakeHelper fake = fake().answers("AWS", "p1");
    HelperCredentials source = source();
    source.current();
    fake.answers("AWS", "p2");

    assertThat(source.renew(password("p1"))).isEqualTo(password("p2"));
    assertThat(source.current()).isEqualTo(password("p2"));
    assertThat(fake.asked()).hasSize(2);
  }

  @Test
  void answerThatHasBeenReplacedIsNotAskedForAgain() throws Exception {
    FakeHelper fake = fake().answers("AWS", "p2");
    HelperCredentials source = source();
    source.current();

    assertThat(source.renew(password("p1"))).isEqualTo(password("p2"));
    assertThat(fake.asked()).hasSize(1);
  }

  @Test
  void helperThatInsistsIsLeftAloneForAWhile() throws Exception {
    FakeHelper fake = fake().answers("AWS", "p1");
    HelperCredentials source = source();
    source.current();

    assertThat(source.renew(password("p1"))).isEqualTo(password("p1"));
    assertThat(source.renew(password("p1"))).isEqualTo(password("p1"));
    assertThat(fake.asked()).hasSize(2);

    fake.answers("AWS", "p2");
    clock.advance(PAUSE);
    assertThat(source.renew(password("p1"))).isEqualTo(password("p2"));
  }

  @Test
  void failureAtFirstIsToldAndLeftAloneForAWhile() throws Exception {
    FakeHelper fake = fake().runs("exit 3");
    HelperCredentials source = source();

    for (int i = 0; i < 2; i++) {
      assertFails(Failure.UNREACHABLE, source::current)
          .hasMessageContaining("no credentials for ghcr.io")
          .hasMessageContaining("docker-credential-fake ended with status 3");
    }
    assertThat(fake.asked()).hasSize(1);

    fake.answers("AWS", "p1");
    clock.advance(PAUSE);
    assertThat(source.current()).isEqualTo(password("p1"));
  }

  @Test
  void failureLaterLeavesTheAnswerThereIs() throws Exception {
    FakeHelper fake = fake().answers("AWS", "p1");
    HelperCredentials source = source();
    source.current();
    fake.runs("exit 3");
    clock.advance(AGE);

    assertThat(source.current()).isEqualTo(password("p1"));
    assertThat(source.current()).isEqualTo(password("p1"));
    assertThat(source.renew(password("p1"))).isEqualTo(password("p1"));
    assertThat(fake.asked()).hasSize(2);
  }

  @Test
  void helperWithoutCredentialsMeansNobody() throws Exception {
    fake().hasNone();

    assertThat(source().current()).isEqualTo(Credentials.ANONYMOUS);
  }

  @Test
  void manyAskersCostOneCall() throws Exception {
    Path go = folder.resolve("go");
    FakeHelper fake =
        fake()
            .runs(
                "while [ ! -e "
                    + go
                    + " ]; do sleep 0.02; done;"
                    + " echo '{\"Username\":\"AWS\",\"Secret\":\"p1\"}'");
    HelperCredentials source = source();
    List<Future<Credentials>> answers = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      answers.add(callers.submit(source::current));
    }
    Awaitility.await().until(() -> !fake.asked().isEmpty());
    Files.createFile(go);

    for (Future<Credentials> answer : answers) {
      assertThat(answer.get()).isEqualTo(password("p1"));
    }
    assertThat(fake.asked()).hasSize(1);
  }

  /** Nobody waits for a renewal while the old answer is still good. */
  @Test
  void othersGoOnWithTheOldAnswerWhileItIsRenewed() throws Exception {
    FakeHelper fake = fake().answers("AWS", "p1");
    HelperCredentials source = source();
    source.current();
    Path go = folder.resolve("go");
    fake.runs(
        "while [ ! -e "
            + go
            + " ]; do sleep 0.02; done;"
            + " echo '{\"Username\":\"AWS\",\"Secret\":\"p2\"}'");
    clock.advance(AGE);
    Future<Credentials> renewal = callers.submit(source::current);
    Awaitility.await().until(() -> fake.asked().size() == 2);

    assertThat(source.current()).isEqualTo(password("p1"));

    Files.createFile(go);
    assertThat(renewal.get()).isEqualTo(password("p2"));
    assertThat(source.current()).isEqualTo(password("p2"));
  }

  @Test
  void interruptionIsAFailureAndStays() throws Exception {
    fake().answers("AWS", "p1");
    HelperCredentials source = source();
    Thread.currentThread().interrupt();

    assertFails(Failure.UNREACHABLE, source::current).hasMessageContaining("interrupted");
    assertThat(Thread.interrupted()).isTrue();
  }
}
