package io.entrepot.threads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class NamedThreadsTest {
  private final CountDownLatch end = new CountDownLatch(1);

  @Test
  void threadsAreNumberedDaemonsOfTheMaker() {
    NamedThreads threads =
        new NamedThreads("entrepot-test", work -> new Thread(work, "a name of the server's"));

    assertThat(threads.newThread(() -> {}))
        .extracting(Thread::getName, Thread::isDaemon)
        .containsExactly("entrepot-test-1", true);
    assertThat(threads.newThread(() -> {}).getName()).isEqualTo("entrepot-test-2");
  }

  @Test
  void joinTellsWhatStillRuns() throws Exception {
    NamedThreads threads = new NamedThreads("entrepot-test", Thread::new);
    threads.newThread(() -> {}).start();
    Thread running = threads.newThread(this::awaitEnd);
    running.start();

    assertThat(threads.join(Duration.ofMillis(100))).containsExactly(running);
    end.countDown();
    assertThat(threads.join(Duration.ofSeconds(30))).isEmpty();
  }

  private void awaitEnd() {
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Managed factories make no threads after their application has stopped. */
  @Test
  void makerThatMakesNoMoreIsARejection() {
    NamedThreads silent = new NamedThreads("entrepot-test", work -> null);
    NamedThreads refusing =
        new NamedThreads(
            "entrepot-test",
            work -> {
              throw new IllegalStateException("stopped");
            });

    assertThatThrownBy(() -> silent.newThread(() -> {}))
        .isInstanceOf(RejectedExecutionException.class);
    assertThatThrownBy(() -> refusing.newThread(() -> {}))
        .isInstanceOf(RejectedExecutionException.class);
  }
}
