package io.entrepot.boot;

import io.entrepot.upstream.TimeSpan;
import io.entrepot.upstream.credentials.CredentialSource;
import io.entrepot.upstream.credentials.Credentials;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Credentials that stand in the settings themselves. When they are refused the settings are read
 * again, as JNDI may have been bound and {@code config.yml} written anew, so that a changed
 * password needs no restart. Settings that cannot be read, or hold no credentials any more, leave
 * those that were there. Thread-safe.
 */
final class GivenCredentials implements CredentialSource {
  private static final Logger log = LoggerFactory.getLogger(GivenCredentials.class);

  /** Reading all settings takes milliseconds, and a registry may refuse many requests a second. */
  private static final Duration PAUSE = Duration.ofSeconds(10);

  private final Supplier<Credentials> settings;
  private final Clock clock;
  private Credentials credentials;
  private Instant readAt = Instant.MIN;

  /**
   * @param first what the settings said at the start
   * @param settings what they say when they are read again
   */
  GivenCredentials(Credentials first, Supplier<Credentials> settings, Clock clock) {
    this.credentials = first;
    this.settings = settings;
    this.clock = clock;
  }

  @Override
  public synchronized Credentials current() {
    return credentials;
  }

  @Override
  public synchronized Credentials renew(Credentials refused) {
    Instant now = clock.instant();
    boolean lately = new TimeSpan(readAt, PAUSE).contains(now);
    if (!credentials.equals(refused) || lately) {
      return credentials;
    }
    readAt = now;
    try {
      Credentials read = settings.get();
      if (!(read instanceof Credentials.Anonymous)) {
        credentials = read;
      }
    } catch (RuntimeException e) {
      log.warn("The settings could not be read again for other credentials: {}", e.getMessage());
    }
    return credentials;
  }

  @Override
  public boolean isAnonymous() {
    return false;
  }
}
