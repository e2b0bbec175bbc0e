package io.entrepot.cache;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A clock that runs something when it is looked at next: so a test comes between two steps of what
 * it tests. Thread-safe.
 */
public final class HookedClock extends Clock {
  private final Clock clock;
  private final AtomicReference<Runnable> hook = new AtomicReference<>(() -> {});

  public HookedClock(Clock clock) {
    this.clock = clock;
  }

  /** Runs this once, before the time is told next. */
  public void onNextLook(Runnable action) {
    hook.set(action);
  }

  @Override
  public Instant instant() {
    hook.getAndSet(() -> {}).run();
    return clock.instant();
  }

  @Override
  public ZoneId getZone() {
    return clock.getZone();
  }

  @Override
  public Clock withZone(ZoneId zone) {
    throw new UnsupportedOperationException("nobody has a zone here");
  }
}
