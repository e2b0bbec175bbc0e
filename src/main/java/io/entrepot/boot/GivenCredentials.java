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
 * Credentials that are written in the settings. When the upstream refuses them, the settings are
 * read again, from JNDI and {@code config.yml}. So a changed password needs no restart. If the
 * settings cannot be read or have no credentials any more, the old credentials stay. Thread-safe.
 */
final class GivenCredentials implements CredentialSource {
  private static final Logger log = LoggerFactory.getLogger(GivenCredentials.class);

  /**
   * The shortest time between two reads. A read takes milliseconds, and a registry may refuse many
   * requests a second.
   */
  private static final Duration PAUSE = Duration.ofSeconds(10);

  private final Supplier<Credentials> settings;
  private final Clock clock;
  private Credentials credentials;
  private Instant readAt = Instant.MIN;

  /**
   * Makes the source.
   *
   * @param first the credentials at the start
   * @param settings reads the settings again and returns their credentials
   * @param clock the current time
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
    boolean readRecently = new TimeSpan(readAt, PAUSE).contains(now);
    if (!credentials.equals(refused) || readRecently) {
      return credentials;
    }
    readAt = now;
    try {
      Credentials read = settings.get();
      if (!(read instanceof Credentials.Anonymous)) {
        credentials = read;
      }
    } catch (RuntimeException e) {
      log.warn(
          "The settings could not be read again to find changed credentials: {}", e.getMessage());
    }
    return credentials;
  }

  @Override
  public boolean isAnonymous() {
    return false;
  }
}
