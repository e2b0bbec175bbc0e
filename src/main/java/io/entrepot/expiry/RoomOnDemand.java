package io.entrepot.expiry;

import io.entrepot.spool.Room;
import io.entrepot.spool.RoomMaker;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The fills that wait for room, and the one thread that makes it. A fill waits without a thread,
 * and a bounded time. Thread-safe.
 */
public final class RoomOnDemand implements RoomMaker, AutoCloseable {
  /** How long a fill waits. Its client waits too, and its upstream's response is open. */
  static final Duration MAX_WAIT = Duration.ofSeconds(10);

  /** How many fills wait; each has an open response. Further ones are not kept. */
  static final int MAX_WAITING = 256;

  /** How long nothing is looked for after nothing was found, or the search has failed. */
  static final Duration REST = Duration.ofSeconds(10);

  private static final Logger log = LoggerFactory.getLogger(RoomOnDemand.class);

  private final Room room;
  private final Making making;
  private final LongSupplier held;
  private final Workers workers;
  private final Queue<Waiting> queue = new ArrayDeque<>();
  private boolean running;
  private boolean closed;
  private boolean resting;
  private long restsUntil;

  private record Waiting(long bytes, CompletableFuture<Void> answer) {}

  /** Makes room; see {@link ImageRemover#makeRoom}. */
  @FunctionalInterface
  public interface Making {
    /**
     * Makes room.
     *
     * @return how many bytes have come back; 0 if nothing may go
     */
    long makeRoom(long bytes) throws IOException, InterruptedException;
  }

  /**
   * What the work is done with.
   *
   * @param thread runs one task at a time
   * @param timer ends the waiting of fills
   * @param nanoTime a monotonic clock, as {@link System#nanoTime}
   */
  public record Workers(Executor thread, ScheduledExecutorService timer, LongSupplier nanoTime) {}

  /**
   * Wires the collaborators.
   *
   * @param held how many bytes all stored blobs take; may query the database
   */
  public RoomOnDemand(Room room, Making making, LongSupplier held, Workers workers) {
    this.room = room;
    this.making = making;
    this.held = held;
    this.workers = workers;
  }

  @Override
  public CompletableFuture<Void> ask(long bytes) {
    Waiting fill = new Waiting(bytes, new CompletableFuture<>());
    if (!begin(fill)) {
      return CompletableFuture.completedFuture(null);
    }
    if (bytes > 0) {
      Runnable giveUp = () -> fill.answer().complete(null);
      Future<?> alarm =
          workers.timer().schedule(giveUp, MAX_WAIT.toMillis(), TimeUnit.MILLISECONDS);
      var unused = fill.answer().thenRun(() -> alarm.cancel(false));
    }
    return fill.answer();
  }

  private synchronized boolean begin(Waiting fill) {
    boolean tooLarge = room.quota().isSet() && fill.bytes() > room.quota().bytes();
    if (closed || tooLarge || isResting() || queue.size() >= MAX_WAITING) {
      return false;
    }
    if (!running) {
      try {
        workers.thread().execute(this::run);
      } catch (RejectedExecutionException e) {
        return false;
      }
      running = true;
    }
    if (fill.bytes() > 0) {
      queue.add(fill);
    }
    return true;
  }

  private boolean isResting() {
    resting = resting && workers.nanoTime().getAsLong() - restsUntil < 0;
    return resting;
  }

  private void run() {
    boolean found = true;
    try {
      long excess = room.excess(wanted(), held);
      while (excess > 0 && found && !isClosed()) {
        found = making.makeRoom(excess) > 0;
        letGo();
        excess = room.excess(wanted(), held);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      found = false;
      log.warn("Room could not be made; the next attempt is in {}", REST, e);
    } finally {
      end(found);
    }
  }

  /** What the fills in front of the queue need: never so much that all others would have to go. */
  private synchronized long wanted() {
    long most = room.quota().bytes() / 10;
    long wanted = 0;
    for (Waiting fill : queue) {
      if (wanted > 0 && wanted + fill.bytes() > most) {
        break;
      }
      wanted += fill.answer().isDone() ? 0 : fill.bytes();
    }
    return wanted;
  }

  /** Lets those fills begin that have room now, in their order. */
  private void letGo() throws IOException {
    List<Waiting> ready = new ArrayList<>();
    synchronized (this) {
      long needed = 0;
      while (!queue.isEmpty() && room.missing(needed + queue.element().bytes()) <= 0) {
        Waiting fill = queue.remove();
        needed += fill.answer().isDone() ? 0 : fill.bytes();
        ready.add(fill);
      }
    }
    ready.forEach(fill -> fill.answer().complete(null));
  }

  private void end(boolean found) {
    List<Waiting> left;
    synchronized (this) {
      running = false;
      resting = !found;
      restsUntil = workers.nanoTime().getAsLong() + REST.toNanos();
      left = List.copyOf(queue);
      queue.clear();
    }
    left.forEach(fill -> fill.answer().complete(null));
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  /** Lets all fills go on, and makes no more room. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    end(true);
  }
}
