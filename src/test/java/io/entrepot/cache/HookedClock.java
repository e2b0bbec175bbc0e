package io.entrepot.cache;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A clock that runs an action when it is read the next time. So a test can run code between two
 * steps of the tested code. Thread-safe.
 */
public final class HookedClock extends Clock {
  private final Clock clock;
  private final AtomicReference<Runnable> hook = new AtomicReference<>(() -> {});

  public HookedClock(Clock clock) {
    this.clock = clock;
  }

  /** Sets an action that runs once, before the next read returns. */
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
