package io.entrepot.cache;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** A timer whose tasks run when a test calls {@link #ring}, on the test's thread. */
public final class TestTimer extends ScheduledThreadPoolExecutor {
  private final List<Alarm> alarms = new ArrayList<>();

  /** Makes a timer without tasks. It has no threads. */
  public TestTimer() {
    super(0);
  }

  @Override
  public synchronized ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
    Alarm alarm = new Alarm(task, Duration.of(delay, unit.toChronoUnit()));
    alarms.add(alarm);
    return alarm;
  }

  @Override
  public <V> ScheduledFuture<V> schedule(Callable<V> task, long delay, TimeUnit unit) {
    throw new UnsupportedOperationException("nobody waits for an alarm");
  }

  /** The delays of all scheduled tasks. */
  public synchronized List<Duration> alarms() {
    return alarms.stream().filter(alarm -> !alarm.isDone()).map(alarm -> alarm.after).toList();
  }

  /** Runs all scheduled tasks. */
  public void ring() {
    List<Alarm> due;
    synchronized (this) {
      due = List.copyOf(alarms);
    }
    due.forEach(Alarm::run);
  }

  private static final class Alarm extends FutureTask<Object> implements ScheduledFuture<Object> {
    private final Duration after;

    Alarm(Runnable task, Duration after) {
      super(task, "rung");
      this.after = after;
    }

    @Override
    public long getDelay(TimeUnit unit) {
      return unit.convert(after);
    }

    @Override
    public int compareTo(Delayed other) {
      return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
    }
  }
}
