package io.entrepot.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Threads from the factory of a server, within our limits. */
@Timeout(60)
class ThreadsTest {
  @Test
  void factoryMakesNoMoreThanOurBounds() throws Exception {
    AtomicInteger made = new AtomicInteger();
    CountDownLatch end = new CountDownLatch(1);
    try (Threads threads =
        new Threads(
            work -> {
              made.incrementAndGet();
              return new Thread(work, "a name of the server's");
            },
            2,
            1,
            1)) {
      for (int i = 0; i < 10; i++) {
        threads
            .fills()
            .execute(
                () -> {
                  try {
                    end.await();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
      }
      Future<Map.Entry<String, Boolean>> last =
          threads
              .questions()
              .submit(
                  () ->
                      Map.entry(
                          Thread.currentThread().getName(), Thread.currentThread().isDaemon()));

      assertThat(last.get(60, TimeUnit.SECONDS)).isEqualTo(Map.entry("entrepot-ask-1", true));
      assertThat(made).hasValue(4);
      end.countDown();
    }
  }

  /** Managed factories make no threads after their application has stopped. */
  @Test
  void factoryThatMakesNoMoreIsARejection() {
    try (Threads refusing =
            new Threads(
                work -> {
                  throw new IllegalStateException("stopped");
                },
                1,
                1,
                1);
        Threads silent = new Threads(work -> null, 1, 1, 1)) {
      for (Threads threads : new Threads[] {refusing, silent}) {
        assertThatThrownBy(() -> threads.fills().execute(() -> {}))
            .isInstanceOf(RejectedExecutionException.class);
        assertThatThrownBy(() -> threads.timer().schedule(() -> {}, 1, TimeUnit.SECONDS))
            .isInstanceOf(RejectedExecutionException.class);
      }
    }
  }
}
