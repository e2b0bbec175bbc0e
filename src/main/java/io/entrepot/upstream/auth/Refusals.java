package io.entrepot.upstream.auth;

import io.entrepot.upstream.credentials.Credentials;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The credentials that were refused: counted each time, told once to the log, and remembered for a
 * while, so that who goes on without them does not try them at every request, for which some
 * registries lock the account. Thread-safe.
 */
public final class Refusals {
  private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);

  /** Past this many the least recently refused are tried again. */
  private static final int MAX_REMEMBERED = 2048;

  private static final Duration MEMORY = Duration.ofMinutes(5);

  private final Clock clock;
  private final Counter counter;
  private final AtomicReference<@Nullable Credentials> told = new AtomicReference<>();
  private final Map<TokenCache.Key, Instant> remembered = new LinkedHashMap<>();

  public Refusals(MeterRegistry meters, Clock clock) {
    this.clock = clock;
    this.counter =
        Counter.builder("entrepot.upstream.credentials.refused")
            .description("Times that the upstream or its token service refused our credentials")
            .register(meters);
  }

  /**
   * Notes that credentials were refused.
   *
   * @param key what they were sent for
   * @param why without secrets
   */
  void add(TokenCache.Key key, String why) {
    counter.increment();
    synchronized (remembered) {
      remembered.remove(key);
      remembered.put(key, clock.instant());
      if (remembered.size() > MAX_REMEMBERED) {
        remembered.remove(remembered.keySet().iterator().next());
      }
    }
    if (!key.credentials().equals(told.getAndSet(key.credentials()))) {
      LOG.warn("The credentials were refused: {}", why);
    }
  }

  /** Whether these were refused for this a short while ago. */
  boolean isRecent(TokenCache.Key key) {
    Instant refused;
    synchronized (remembered) {
      refused = remembered.get(key);
    }
    Instant now = clock.instant();
    return refused != null && !now.isBefore(refused) && now.isBefore(refused.plus(MEMORY));
  }
}
