package io.entrepot.cluster;

import io.entrepot.database.ChangeFeed;
import io.entrepot.database.DatabaseException;
import io.entrepot.threads.NamedThreads;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node does all the time: it reads what the others change, says that it is up, notices when
 * another one dies, and deletes what nobody needs any more. One thread, which waits for the
 * database.
 */
public final class Pulse implements AutoCloseable {
  /** How often changes are read. They are to be known within a second. */
  private static final Duration READ = Duration.ofMillis(300);

  /** A beat each three seconds: three may be missed. */
  private static final int READS_PER_BEAT = 10;

  private static final int READS_PER_PRUNING = 400;
  private static final Duration LAST_MOMENTS = Duration.ofSeconds(6);

  private static final Logger log = LoggerFactory.getLogger(Pulse.class);

  private final ChangeFeed feed;
  private final Membership membership;
  private final DeadNodes dead;
  private final Runnable onDeath;
  private final NamedThreads threads;
  private final ScheduledThreadPoolExecutor executor;
  private int reads;

  /**
   * Does nothing before {@link #start}.
   *
   * @param onDeath is run when another node has died, and this one is to repair what it left
   */
  public Pulse(ChangeFeed feed, Membership membership, Runnable onDeath, ThreadFactory factory) {
    this.feed = feed;
    this.membership = membership;
    this.dead = new DeadNodes(membership.name());
    this.onDeath = onDeath;
    this.threads = new NamedThreads("entrepot-cluster", factory);
    this.executor = new ScheduledThreadPoolExecutor(1, threads);
  }

  /** Begins. */
  public void start() {
    var unused =
        executor.scheduleWithFixedDelay(this::beat, 0, READ.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void beat() {
    try {
      boolean answered = feed.read();
      int n = reads++;
      if (answered && n % READS_PER_BEAT == 0) {
        membership.beat();
        if (dead.look(membership.nodes())) {
          onDeath.run();
        }
      }
      if (answered && n % READS_PER_PRUNING == READS_PER_PRUNING - 1) {
        feed.prune();
        membership.prune();
      }
    } catch (DatabaseException e) {
      log.warn("This node could not say that it is up; it tries again", e);
    } catch (RuntimeException e) {
      log.error("What other nodes have changed could not be forgotten", e);
    }
  }

  /** Ends the thread and leaves the cluster. */
  @Override
  public void close() {
    executor.shutdownNow();
    try {
      List<Thread> left = threads.join(LAST_MOMENTS);
      left.forEach(thread -> log.warn("Thread {} did not end", thread.getName()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    membership.leave();
  }
}
