package io.entrepot.threads;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Says when a message that repeats is due in the log: once a minute for each subject. A fault that
 * meets every request then fills no log. Thread-safe.
 */
public final class OnceAMinute {
  private static final long INTERVAL = Duration.ofMinutes(1).toNanos();

  /** Each takes about 200 bytes. Beyond that many, all are forgotten, and so due again. */
  private static final int MAX_SUBJECTS = 200;

  private final LongSupplier nanoTime;
  private final Map<String, Long> logged = new ConcurrentHashMap<>();

  public OnceAMinute() {
    this(System::nanoTime);
  }

  /**
   * With a time of its own.
   *
   * @param nanoTime as {@link System#nanoTime}
   */
  public OnceAMinute(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** Whether a message about this subject is due. If so, the next one is due a minute later. */
  public boolean isDue(String subject) {
    long now = nanoTime.getAsLong();
    Long last = logged.get(subject);
    if (last != null && now - last < INTERVAL) {
      return false;
    }
    if (last == null && logged.size() >= MAX_SUBJECTS) {
      logged.clear();
    }
    return last == null
        ? logged.putIfAbsent(subject, now) == null
        : logged.replace(subject, last, now);
  }
}
