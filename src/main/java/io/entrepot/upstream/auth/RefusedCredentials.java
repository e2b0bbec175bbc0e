package io.entrepot.upstream.auth;

import com.github.benmanes.caffeine.cache.Cache;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.memory.Share;
import io.entrepot.memory.Weight;
import io.entrepot.upstream.TimeSpan;
import io.entrepot.upstream.credentials.Credentials;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The credentials that were refused in the last minutes. An upstream that is then asked anonymously
 * does not get them with every request: some registries lock an account for that. Each refusal is
 * counted. It is logged when it is of other credentials than the last. Thread-safe.
 */
public final class RefusedCredentials {
  private static final Logger LOG = LoggerFactory.getLogger(RefusedCredentials.class);

  private static final Duration MEMORY = Duration.ofMinutes(5);

  private final Clock clock;
  private final Counter counter;
  private final AtomicReference<@Nullable Credentials> logged = new AtomicReference<>();
  private final Cache<TokenKey, TimeSpan> refused;

  /**
   * Knows of no refusal.
   *
   * @param memory holds them
   */
  public RefusedCredentials(MeterRegistry meters, MemoryBudget memory, Clock clock) {
    this.clock = clock;
    this.refused =
        memory.cache(Share.REFUSED_CREDENTIALS, (key, since) -> key.weight() + 3 * Weight.RECORD);
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
  void add(TokenKey key, String why) {
    counter.increment();
    refused.put(key, new TimeSpan(clock.instant(), MEMORY));
    if (!key.credentials().equals(logged.getAndSet(key.credentials()))) {
      LOG.warn("The credentials were refused: {}", why);
    }
  }

  /** Whether these were refused for this a short while ago. */
  boolean isRecent(TokenKey key) {
    TimeSpan memory = refused.getIfPresent(key);
    return memory != null && memory.contains(clock.instant());
  }
}
