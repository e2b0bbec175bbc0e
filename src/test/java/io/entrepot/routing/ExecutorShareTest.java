package io.entrepot.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class ExecutorShareTest {
  private final LinkedBlockingQueue<Runnable> queue = new LinkedBlockingQueue<>(100);
  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(3, 3, 1, TimeUnit.SECONDS, queue);
  private final ExecutorShare slow = new ExecutorShare(threads, 2, 3);
  private final CountDownLatch answer = new CountDownLatch(1);
  private final ConcurrentLinkedQueue<String> done = new ConcurrentLinkedQueue<>();

  @AfterEach
  void close() {
    answer.countDown();
    threads.shutdownNow();
  }

  private Runnable waiting(String name) {
    return () -> {
      try {
        answer.await();
        done.add(name);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    };
  }

  @Test
  void fullShareLeavesThreadsToOthers() {
    for (int i = 0; i < 5; i++) {
      slow.execute(waiting("slow"));
    }
    new ExecutorShare(threads, 2, 3).execute(() -> done.add("quick"));
    Awaitility.await().until(() -> !done.isEmpty());

    assertThat(done).containsExactly("quick");
    answer.countDown();
    Awaitility.await().until(() -> done.size() == 6);
  }

  @Test
  void whatWaitsIsBoundedAndRunsInTheOrderInWhichItCame() {
    ExecutorShare narrow = new ExecutorShare(threads, 1, 2);
    List.of("1", "2", "3").forEach(name -> narrow.execute(waiting(name)));

    assertThatThrownBy(() -> narrow.execute(waiting("4")))
        .isInstanceOf(RejectedExecutionException.class);
    answer.countDown();
    Awaitility.await().until(() -> done.size() == 3);
    assertThat(done).containsExactly("1", "2", "3");
  }

  @Test
  void taskThatFailsLetsTheNextRun() {
    ExecutorShare narrow = new ExecutorShare(threads, 1, 2);
    narrow.execute(
        () -> {
          throw new IllegalStateException("expected by this test");
        });
    narrow.execute(waiting("next"));
    answer.countDown();
    Awaitility.await().until(() -> !done.isEmpty());
  }

  @Test
  void waitingTasksRunEvenIfTheThreadsRejectThem() {
    ExecutorShare narrow = new ExecutorShare(threads, 1, 2);
    narrow.execute(waiting("1"));
    narrow.execute(waiting("2"));
    ExecutorShare wide = new ExecutorShare(threads, 1000, 0);
    while (queue.remainingCapacity() > 0) {
      wide.execute(waiting("other"));
    }
    assertThatThrownBy(() -> wide.execute(waiting("rejected")))
        .isInstanceOf(RejectedExecutionException.class);
    answer.countDown();
    Awaitility.await().until(() -> done.containsAll(List.of("1", "2")));
    Awaitility.await().until(() -> queue.isEmpty());
    narrow.execute(() -> done.add("3"));
    Awaitility.await().until(() -> done.contains("3"));
    assertThat(done).doesNotContain("rejected");
  }

  @ParameterizedTest
  @CsvSource({"32, 1, 32", "32, 2, 24", "4, 7, 3", "2, 2, 1", "1, 3, 1"})
  void shareLeavesAQuarterToOthers(int all, int upstreams, int share) {
    assertThat(ExecutorShare.share(all, upstreams)).isEqualTo(share);
  }

  @Test
  void shareWithoutThreadsIsRefused() {
    assertThatThrownBy(() -> new ExecutorShare(threads, 0, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new ExecutorShare(threads, 1, -1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
