package io.entrepot.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Places for fills and questions that clients and upstreams share (S26). */
@Timeout(60)
class FairThreadsTest {
  private static final Executor OWN_THREAD =
      task -> {
        Thread thread = new Thread(task, "test-job");
        thread.setDaemon(true);
        thread.start();
      };

  private final AtomicLong nanos = new AtomicLong();
  private final Set<String> running = ConcurrentHashMap.newKeySet();
  private final List<TestJob> all = new ArrayList<>();
  private FairThreads threads = new FairThreads(OWN_THREAD, 4, 1, 100, nanos::get);

  @AfterEach
  void endAll() {
    threads.close();
    all.forEach(TestJob::finish);
  }

  /** A job that runs until the test finishes it, or until it gives way. */
  private final class TestJob implements Job {
    private final String name;
    private final CountDownLatch end = new CountDownLatch(1);
    private volatile boolean large = true;
    private volatile boolean wanted = true;
    private volatile boolean stuck;
    private volatile boolean gaveWay;
    private volatile boolean dropped;

    TestJob(String name) {
      this.name = name;
      all.add(this);
    }

    /** The name begins with the client. */
    @Override
    public String client() {
      return name.substring(0, 1);
    }

    @Override
    public boolean isLarge() {
      return large;
    }

    @Override
    public boolean isWanted() {
      return wanted;
    }

    @Override
    public boolean canGiveWay() {
      return !stuck;
    }

    @Override
    public void giveWay() {
      gaveWay = true;
      end.countDown();
    }

    @Override
    public void drop() {
      dropped = true;
    }

    @Override
    public void run() {
      running.add(name);
      try {
        end.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      running.remove(name);
    }

    TestJob small() {
      large = false;
      return this;
    }

    TestJob stuck() {
      stuck = true;
      return this;
    }

    void finish() {
      end.countDown();
    }
  }

  private TestJob begin(String name) {
    return begin("upstream", new TestJob(name));
  }

  private TestJob begin(String upstream, TestJob job) {
    threads.of(upstream).execute(job);
    return job;
  }

  private List<TestJob> begin(String... names) {
    return java.util.Arrays.stream(names).map(this::begin).toList();
  }

  private void awaitRunning(String... names) {
    await().untilAsserted(() -> assertThat(running).containsExactlyInAnyOrder(names));
  }

  private void makeThreads(int width, int upstreams) {
    threads = new FairThreads(OWN_THREAD, width, upstreams, 100, nanos::get);
  }

  @Test
  void clientsTakeTurnsHoweverManyJobsEachHas() {
    makeThreads(1, 1);
    TestJob first = begin("x").stuck();
    List<TestJob> waiting = begin("a1", "a2", "a3", "b1");
    awaitRunning("x");

    first.finish();
    awaitRunning("a1");
    waiting.get(0).stuck().finish();
    awaitRunning("b1");
    waiting.get(3).stuck().finish();
    awaitRunning("a2");
    assertThat(all).noneMatch(job -> job.gaveWay);
  }

  @Test
  void clientGetsThreeQuartersAtMost() {
    begin("a1", "a2", "a3", "a4");
    // Two large ones, and a third place for a small one.
    awaitRunning("a1", "a2");
    begin("upstream", new TestJob("a5").small());
    begin("upstream", new TestJob("a6").small());
    awaitRunning("a1", "a2");
    begin("b1");
    awaitRunning("a1", "a2", "b1");
  }

  @Test
  void smallJobNeedsNoPlaceOfLargeOnes() {
    begin("a1", "b1", "c1", "d1");
    awaitRunning("a1", "b1", "c1");

    begin("upstream", new TestJob("e1").small());

    awaitRunning("a1", "b1", "c1", "e1");
    assertThat(all).noneMatch(job -> job.gaveWay);
  }

  @Test
  void jobsThatTurnOutToBeLargeGiveWayToASmallOne() {
    List<TestJob> liars =
        List.of(
            begin("upstream", new TestJob("a1").small()),
            begin("upstream", new TestJob("b1").small()),
            begin("upstream", new TestJob("c1").small()),
            begin("upstream", new TestJob("d1").small()));
    awaitRunning("a1", "b1", "c1", "d1");
    liars.forEach(job -> job.large = true);

    begin("upstream", new TestJob("e1").small());

    awaitRunning("b1", "c1", "d1", "e1");
  }

  @Test
  void jobThatNobodyWantsGivesWayToTheSameClient() {
    makeThreads(2, 1);
    List<TestJob> jobs = begin("a1", "a2");
    awaitRunning("a1", "a2");
    begin("a3");
    assertThat(running).doesNotContain("a3");

    jobs.get(1).wanted = false;
    threads.look();

    awaitRunning("a1", "a3");
    assertThat(jobs.get(0).gaveWay).isFalse();
  }

  @Test
  void jobThatNobodyWantsKeepsItsPlaceWhileNothingWaits() {
    TestJob left = begin("a1");
    left.wanted = false;
    begin("b1");
    nanos.addAndGet(FairThreads.TURN.toNanos());
    threads.look();

    awaitRunning("a1", "b1");
    assertThat(left.gaveWay).isFalse();
  }

  @Test
  void clientWithMorePlacesGivesWayUntilAllHaveEquallyMany() {
    makeThreads(8, 1); // six for large ones, five for one client
    begin("a1", "a2", "a3", "a4", "a5", "b1");
    awaitRunning("a1", "a2", "a3", "a4", "a5", "b1");

    begin("c1", "c2", "b2", "c3", "b3");

    await().until(() -> running.size() == 6);
    await()
        .untilAsserted(
            () ->
                assertThat(running)
                    .contains("b1", "b2", "c1", "c2")
                    .doesNotContain("b3", "c3")
                    .hasSize(6));
  }

  @Test
  void afterItsTurnAJobGivesWayToAClientThatHasNone() {
    makeThreads(3, 1);
    begin("a1");
    nanos.addAndGet(FairThreads.TURN.toNanos() / 2);
    begin("b1", "c1", "d1");
    awaitRunning("a1", "b1", "c1");
    nanos.addAndGet(FairThreads.TURN.toNanos() / 2 - 1);
    threads.look();
    assertThat(all).noneMatch(job -> job.gaveWay);

    nanos.incrementAndGet();
    threads.look();

    awaitRunning("b1", "c1", "d1");
  }

  @Test
  void jobThatCannotGiveWayIsLeftAlone() {
    makeThreads(1, 1);
    TestJob stuck = begin("a1").stuck();
    stuck.wanted = false;
    begin("b1");
    nanos.addAndGet(FairThreads.TURN.toNanos());
    threads.look();

    assertThat(stuck.gaveWay).isFalse();
    stuck.finish();
    awaitRunning("b1");
  }

  @Test
  void jobThatGoesOnComesBeforeTheOthersOfItsClient() {
    makeThreads(1, 1);
    TestJob first = begin("a1").stuck();
    begin("a2");

    threads.of("upstream").goOn(new TestJob("a3"));
    first.finish();

    awaitRunning("a3");
  }

  /** Two of three upstreams are so slow that none of their jobs can give way. */
  @Test
  void slowUpstreamsLeavePlacesToAnother() {
    makeThreads(8, 3);
    for (int i = 0; i < 8; i++) {
      begin("slow", new TestJob("a" + i).small().stuck());
    }
    for (int i = 0; i < 8; i++) {
      begin("slower", new TestJob("b" + i).small().stuck());
    }
    await().until(() -> running.size() == 7);

    begin("well", new TestJob("c1").small());

    await().until(() -> running.contains("c1"));
    assertThat(running).hasSize(8).contains("b0").doesNotContain("b1");
  }

  @Test
  void slowUpstreamDoesNotKeepItsClientFromAnother() {
    makeThreads(8, 2);
    for (int i = 0; i < 8; i++) {
      begin("slow", new TestJob("a" + i).small().stuck());
    }
    await().until(() -> running.size() == 6);

    begin("well", new TestJob("a9").small());

    await().until(() -> running.contains("a9"));
  }

  @ParameterizedTest
  @CsvSource({"32, 1, 32", "32, 2, 24", "4, 7, 3", "2, 2, 1", "1, 3, 1"})
  void upstreamLeavesAQuarterToOthers(int width, int upstreams, int share) {
    makeThreads(width, upstreams);
    for (int i = 0; i < 2 * width; i++) {
      begin("slow", new TestJob((char) ('A' + i) + "1").small().stuck());
    }
    await().until(() -> running.size() == share);
    threads.look();
    assertThat(running).hasSize(share);
  }

  @Test
  void oneClientCannotFillTheQueue() {
    makeThreads(1, 1);
    begin("x").stuck();
    for (int i = 0; i < 10; i++) {
      begin("a" + i);
    }
    assertThatThrownBy(() -> begin("a10")).isInstanceOf(RejectedExecutionException.class);
    for (char client = 'b'; client < 'k'; client++) {
      for (int i = 0; i < 10; i++) {
        begin(client + "" + i);
      }
    }
    assertThatThrownBy(() -> begin("y")).isInstanceOf(RejectedExecutionException.class);
  }

  @Test
  void whatNobodyWantsRunsWhenNothingElseDoes() {
    makeThreads(2, 1);
    TestJob first = begin("a1");
    TestJob second = begin("b1");
    TestJob left = new TestJob("c1");
    left.wanted = false;
    threads.of("upstream").whenIdle(left);
    awaitRunning("a1", "b1");

    first.finish();
    awaitRunning("b1");
    second.finish();

    awaitRunning("c1");
    begin("a2", "b2");
    awaitRunning("a2", "b2");
  }

  @Test
  void jobThatFailsLetsTheNextRun() {
    makeThreads(1, 1);
    threads
        .of("upstream")
        .of("a")
        .execute(
            () -> {
              throw new IllegalStateException("expected by this test");
            });
    begin("a1");
    awaitRunning("a1");
  }

  /** A thread factory of a server may make no more threads. */
  @Test
  void jobThatNoThreadTakesIsRejectedAndLeavesNothingBehind() {
    boolean[] refuses = {true};
    threads =
        new FairThreads(
            task -> {
              if (refuses[0]) {
                throw new RejectedExecutionException("expected by this test");
              }
              OWN_THREAD.execute(task);
            },
            1,
            1,
            100,
            nanos::get);
    assertThatThrownBy(() -> begin("a1")).isInstanceOf(RejectedExecutionException.class);
    refuses[0] = false;

    begin("a2");

    awaitRunning("a2");
  }

  @Test
  void closeAsksRunningJobsToEndAndDropsTheOthers() {
    makeThreads(1, 1);
    TestJob first = begin("a1");
    TestJob second = begin("a2");
    awaitRunning("a1");

    threads.close();

    assertThat(first.gaveWay).isTrue();
    assertThat(second.dropped).isTrue();
    assertThatThrownBy(() -> begin("a3")).isInstanceOf(RejectedExecutionException.class);
    awaitRunning();
  }

  @Test
  void noThreadsAreRefused() {
    assertThatThrownBy(() -> makeThreads(0, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> makeThreads(1, 0)).isInstanceOf(IllegalArgumentException.class);
  }
}
