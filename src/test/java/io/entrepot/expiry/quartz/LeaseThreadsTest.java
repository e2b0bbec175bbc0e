package io.entrepot.expiry.quartz;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Threads of a server's factory, which may stop to make any. */
@Timeout(60)
class LeaseThreadsTest {
  private static final int SIZE = 2;

  /** A factory that first refuses in a way of its own. */
  private static ThreadFactory recovering(AtomicBoolean refuses, ThreadFactory refusal) {
    return work -> refuses.get() ? refusal.newThread(work) : new Thread(work);
  }

  private static void assertPassesOverAndGoesOn(ThreadFactory refusal) throws Exception {
    AtomicBoolean refuses = new AtomicBoolean(true);
    LeaseThreads threads =
        new LeaseThreads(SIZE, Duration.ofSeconds(5), recovering(refuses, refusal));
    AtomicBoolean passedOver = new AtomicBoolean(true);
    for (int i = 0; i <= SIZE * LeaseThreads.IN_HAND; i++) {
      assertThat(threads.runInThread(() -> passedOver.set(false))).isTrue();
    }
    assertThat(threads.blockForAvailableThreads()).isEqualTo(SIZE * LeaseThreads.IN_HAND);

    refuses.set(false);
    CountDownLatch ran = new CountDownLatch(1);
    AtomicReference<String> name = new AtomicReference<>();
    threads.runInThread(
        () -> {
          name.set(Thread.currentThread().getName());
          ran.countDown();
        });

    assertThat(ran.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(name.get()).startsWith("entrepot-expiry-");
    threads.shutdown(true);
    assertThat(passedOver).isTrue();
  }

  @Test
  void factoryThatThrowsCostsTheJobAndNoThread() throws Exception {
    assertPassesOverAndGoesOn(
        work -> {
          throw new IllegalStateException("the application stops");
        });
  }

  @Test
  void factoryThatGivesNoneCostsTheJobAndNoThread() throws Exception {
    assertPassesOverAndGoesOn(work -> null);
  }
}
