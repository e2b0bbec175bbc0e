package io.entrepot.routing;

import io.entrepot.routing.Places.Party;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Threads that are shared fairly among clients and upstreams. Each running {@link Job} has a place.
 * Waiting clients take turns, however many jobs each of them has. If no place is free, a running
 * job gives way:
 *
 * <ul>
 *   <li>one that nobody wants, to any other;
 *   <li>one whose client has more places, until both have equally many; and so for upstreams;
 *   <li>one that has run for {@link #TURN}, to a client that has fewer places.
 * </ul>
 *
 * <p>Large jobs get three quarters of the places at most, and so does each client. Thread-safe. No
 * job is called while the monitor of this object is held, except for what a job tells of itself.
 */
public final class FairThreads {
  /** How long a job may run while a client with fewer places waits. */
  static final Duration TURN = Duration.ofSeconds(2);

  private static final Logger log = LoggerFactory.getLogger(FairThreads.class);

  private final Executor threads;
  private final LongSupplier nanoTime;
  private final Places places;
  private final Places largePlaces;
  private final WaitingTurns waiting;
  private final Set<Turn> running = new LinkedHashSet<>();
  private boolean closed;

  /**
   * Makes an object without jobs.
   *
   * @param threads runs the jobs; the caller closes it. It should have a few threads more than
   *     {@code width}, for jobs that give way and are not quite done.
   * @param width how many jobs run at once, 1 or more
   * @param upstreams the number of upstreams, 1 or more
   * @param maxWaiting how many jobs may wait; further jobs are rejected
   * @param nanoTime a monotonic clock, as {@link System#nanoTime}
   */
  public FairThreads(
      Executor threads, int width, int upstreams, int maxWaiting, LongSupplier nanoTime) {
    if (width < 1 || upstreams < 1 || maxWaiting < 0) {
      throw new IllegalArgumentException(
          "not fair threads: " + width + " for " + upstreams + " upstreams, queue " + maxWaiting);
    }
    this.threads = threads;
    this.waiting = new WaitingTurns(maxWaiting);
    this.nanoTime = nanoTime;
    int most = threeQuarters(width);
    places = new Places(width, most, upstreams);
    // The share of a client must have room for a small job beside its large ones.
    int largePerClient = Math.min(threeQuarters(most), width < 4 ? most : most - 1);
    largePlaces = new Places(most, largePerClient, upstreams);
  }

  /** Three quarters, rounded up. */
  private static int threeQuarters(int number) {
    return number - number / 4;
  }

  /** The jobs of one upstream. */
  public Jobs of(String upstream) {
    return new Jobs() {
      @Override
      public void execute(Job job) {
        submit(new Turn(job, upstream), false);
      }

      @Override
      public void goOn(Job job) {
        submit(new Turn(job, upstream), true);
      }

      @Override
      public void whenIdle(Job job) {
        submitIdle(new Turn(job, upstream));
      }
    };
  }

  private void submit(Turn turn, boolean first) {
    List<Job> leaving = new ArrayList<>();
    synchronized (this) {
      if (closed) {
        throw new RejectedExecutionException("the threads are being closed");
      }
      if (!first && waiting.isFullFor(turn.party)) {
        throw new RejectedExecutionException("too many jobs wait in the queue");
      }
      if (first) {
        waiting.addFirst(turn);
      } else {
        waiting.addLast(turn);
      }
      try {
        startAll(leaving);
      } catch (RejectedExecutionException e) {
        if (waiting.remove(turn)) {
          throw e;
        }
      }
    }
    leaving.forEach(Job::giveWay);
  }

  private void submitIdle(Turn turn) {
    synchronized (this) {
      waiting.addIdle(turn);
    }
    settle();
  }

  /**
   * Looks whether waiting jobs can start now, because a job is no longer wanted or has had its
   * turn. To be called a few times a second.
   */
  public void look() {
    settle();
  }

  private void settle() {
    List<Job> leaving = new ArrayList<>();
    synchronized (this) {
      try {
        startAll(leaving);
      } catch (RejectedExecutionException e) {
        log.debug("A waiting job cannot start yet", e);
      }
    }
    leaving.forEach(Job::giveWay);
  }

  /** Starts what can start. Adds the jobs that must give way for that to {@code leaving}. */
  private void startAll(List<Job> leaving) {
    if (closed) {
      return;
    }
    running.forEach(this::measure);
    for (Turn next = next(leaving); next != null; next = next(leaving)) {
      start(next);
    }
  }

  /** A job may turn out to be larger or smaller than it seemed. */
  private void measure(Turn turn) {
    if (turn.large != turn.job.isLarge()) {
      forget(turn);
      turn.large = !turn.large;
      count(turn);
    }
  }

  private void start(Turn turn) {
    turn.since = nanoTime.getAsLong();
    count(turn);
    running.add(turn);
    try {
      threads.execute(() -> run(turn));
    } catch (RejectedExecutionException e) {
      running.remove(turn);
      forget(turn);
      waiting.addFirst(turn);
      throw e;
    }
  }

  private void run(Turn turn) {
    try {
      turn.job.run();
    } catch (RuntimeException | Error e) {
      // The jobs that wait behind this one must still run.
      log.error("A job failed with an unexpected exception", e);
    } finally {
      end(turn);
      settle();
    }
  }

  private synchronized void end(Turn turn) {
    if (running.remove(turn)) {
      forget(turn);
    }
  }

  /** Takes the next job that can start out of the queue. */
  private @Nullable Turn next(List<Job> leaving) {
    Optional<Turn> next = waiting.next(turn -> canStart(turn, leaving));
    if (next.isPresent()) {
      return next.get();
    }
    // Half of the places stay free, because a job is not asked to give way before its upstream has
    // answered.
    boolean quiet = waiting.isEmpty() && places.taken() < (places.all() + 1) / 2;
    return quiet ? waiting.nextIdle() : null;
  }

  private boolean canStart(Turn turn, List<Job> leaving) {
    turn.large = turn.job.isLarge();
    return hasPlace(turn) || makesRoom(turn, leaving);
  }

  private boolean hasPlace(Turn turn) {
    return places.isFreeFor(turn.party) && (!turn.large || largePlaces.isFreeFor(turn.party));
  }

  /** Lets the running job with the weakest claim leave its place, if this one's is better. */
  private boolean makesRoom(Turn turn, List<Job> leaving) {
    Turn weakest = null;
    for (Turn other : running) {
      if (other.job.canGiveWay()
          && isBetter(turn, other)
          && (weakest == null || isWeaker(other, weakest))
          && hasPlaceWithout(turn, other)) {
        weakest = other;
      }
    }
    if (weakest == null) {
      return false;
    }
    running.remove(weakest);
    forget(weakest);
    leaving.add(weakest.job);
    return true;
  }

  private boolean hasPlaceWithout(Turn turn, Turn other) {
    forget(other);
    try {
      return hasPlace(turn);
    } finally {
      count(other);
    }
  }

  /** Whether a waiting job has a better claim to a place than a running one. */
  private boolean isBetter(Turn turn, Turn other) {
    if (!turn.job.isWanted()) {
      return false;
    }
    if (!other.job.isWanted() || (other.large && !turn.large && tooManyAreLarge())) {
      return true;
    }
    // A change of places must make the shares more equal. Else both would go on changing places.
    Party mine = turn.party;
    Party theirs = other.party;
    boolean same = mine.client().equals(theirs.client());
    int byClient = same ? 0 : places.ofClient(theirs.client()) - places.ofClient(mine.client()) - 1;
    int byUpstream =
        mine.upstream().equals(theirs.upstream())
            ? 0
            : places.ofUpstream(theirs.upstream()) - places.ofUpstream(mine.upstream()) - 1;
    boolean turnIsOver = !same && nanoTime.getAsLong() - other.since >= TURN.toNanos();
    return byClient > 0 || (byClient == 0 && (byUpstream > 0 || turnIsOver));
  }

  /** Whether jobs that were thought to be small have turned out to be large. */
  private boolean tooManyAreLarge() {
    return largePlaces.taken() > largePlaces.all();
  }

  /** Whether a running job has a weaker claim than another running one, which began before. */
  private boolean isWeaker(Turn turn, Turn other) {
    if (turn.job.isWanted() != other.job.isWanted()) {
      return other.job.isWanted();
    }
    int byClient = places.ofClient(turn.party.client()) - places.ofClient(other.party.client());
    return byClient > 0
        || (byClient == 0
            && places.ofUpstream(turn.party.upstream())
                > places.ofUpstream(other.party.upstream()));
  }

  private void count(Turn turn) {
    places.take(turn.party);
    if (turn.large) {
      largePlaces.take(turn.party);
    }
  }

  private void forget(Turn turn) {
    places.leave(turn.party);
    if (turn.large) {
      largePlaces.leave(turn.party);
    }
  }

  /** Starts no more jobs. Drops the waiting ones, and asks the running ones to give way. */
  public void close() {
    List<Job> leaving;
    List<Job> dropped;
    synchronized (this) {
      closed = true;
      leaving = running.stream().map(turn -> turn.job).toList();
      dropped = waiting.clear().stream().map(turn -> turn.job).toList();
    }
    leaving.forEach(Job::giveWay);
    dropped.forEach(Job::drop);
  }
}
