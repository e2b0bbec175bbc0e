package io.entrepot.expiry;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.cache.TestTimer;
import io.entrepot.spool.Space;
import io.entrepot.spool.TestSpace;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Fills that wait for room on a disk with a quota of 1,000 bytes, and who makes it (F3). */
class RoomOnDemandTest {
  private final Space space = TestSpace.withQuota(1_000, 90);
  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private final TestTimer timer = new TestTimer();
  private final List<Long> asked = new ArrayList<>();
  private long now;
  private long mayGo = Long.MAX_VALUE;
  private boolean broken;
  private final RoomOnDemand room =
      new RoomOnDemand(
          space,
          this::makeRoom,
          space::stored,
          new RoomOnDemand.Workers(tasks::add, timer, () -> now));

  private long makeRoom(long bytes) throws IOException {
    if (broken) {
      throw new IOException("the disk fails");
    }
    asked.add(bytes);
    long freed = Math.min(bytes, mayGo);
    mayGo -= freed;
    space.freed(freed);
    return freed;
  }

  private void work() {
    while (!tasks.isEmpty()) {
      tasks.remove().run();
    }
  }

  @Test
  void roomIsMadeDownToTheLowWaterMark() {
    space.taken(990);

    CompletableFuture<Void> fill = room.ask(50);
    assertThat(fill).isNotDone();
    work();

    assertThat(fill).isCompleted();
    assertThat(asked).containsExactly(90L);
  }

  @Test
  void largeFillGetsAllThatItNeeds() {
    space.taken(990);

    CompletableFuture<Void> fill = room.ask(400);
    work();

    assertThat(fill).isCompleted();
    assertThat(space.stored()).isEqualTo(600);
  }

  @Test
  void oneRunServesAllWhoWait() {
    space.taken(1_000);
    CompletableFuture<Void> first = room.ask(50);
    CompletableFuture<Void> second = room.ask(40);

    assertThat(tasks).hasSize(1);
    work();

    assertThat(first).isCompleted();
    assertThat(second).isCompleted();
    assertThat(asked).containsExactly(100L);
  }

  /** Many fills at once must not drive out all that was stored. */
  @Test
  void fillsThatNeedMoreThanAFewImagesTakeTurns() {
    space.taken(1_000);
    for (int i = 0; i < 5; i++) {
      var unused = room.ask(90);
    }

    tasks.remove().run();

    assertThat(asked.get(0)).isEqualTo(100);
  }

  @Test
  void fillWaitsABoundedTime() {
    space.taken(1_000);
    CompletableFuture<Void> fill = room.ask(50);

    assertThat(timer.alarms()).containsExactly(Duration.ofSeconds(10));
    timer.ring();

    assertThat(fill).isCompleted();
    assertThat(asked).isEmpty();
  }

  @Test
  void blobThatIsLargerThanTheQuotaDrivesNothingOut() {
    space.taken(1_000);

    assertThat(room.ask(1_001)).isCompleted();

    assertThat(tasks).isEmpty();
  }

  @Test
  void ifNothingMayGoNobodyWaitsForAWhile() {
    space.taken(1_000);
    mayGo = 0;
    CompletableFuture<Void> fill = room.ask(50);
    work();
    assertThat(fill).isCompleted();

    assertThat(room.ask(50)).isCompleted();
    assertThat(tasks).isEmpty();
    now += RoomOnDemand.REST.toNanos();
    assertThat(room.ask(50)).isNotDone();
    assertThat(tasks).hasSize(1);
  }

  @Test
  void searchThatFailsLetsFillsGoOn() {
    space.taken(1_000);
    broken = true;
    CompletableFuture<Void> fill = room.ask(50);

    work();

    assertThat(fill).isCompleted();
    assertThat(room.ask(50)).isCompleted();
  }

  @Test
  void roomInAdvanceIsMadeOnceAndNobodyWaits() {
    space.taken(960);

    var unused = room.ask(0);
    var unusedToo = room.ask(0);

    assertThat(tasks).hasSize(1);
    assertThat(timer.alarms()).isEmpty();
    work();
    assertThat(space.stored()).isEqualTo(900);
  }

  @Test
  void onlySoManyFillsWait() {
    space.taken(1_000);
    for (int i = 0; i < RoomOnDemand.MAX_WAITING; i++) {
      assertThat(room.ask(1)).isNotDone();
    }

    assertThat(room.ask(1)).isCompleted();
  }

  @Test
  void stopLetsFillsGoOn() {
    space.taken(1_000);
    CompletableFuture<Void> fill = room.ask(50);

    room.close();

    assertThat(fill).isCompleted();
    assertThat(room.ask(50)).isCompleted();
    work();
    assertThat(asked).isEmpty();
  }
}
