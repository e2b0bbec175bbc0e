package io.entrepot.upstream.credentials;

import io.entrepot.upstream.TimeSpan;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The answer of a credential helper. The program runs again when the answer is refused or too old,
 * so that passwords which expire, as those of ECR after 12 hours, are renewed in time. It runs once
 * at a time; meanwhile other threads go on with the old answer. After a failure, or an answer that
 * was refused before, it does not run for a while. Thread-safe.
 */
final class HelperCredentials implements CredentialSource {
  private static final Logger LOG = LoggerFactory.getLogger(HelperCredentials.class);
  private static final Duration PAUSE = Duration.ofSeconds(30);

  private record Held(Credentials credentials, Instant askedAt) {}

  private record Failed(String message, Instant at) {}

  private final HelperProgram program;
  private final String server;
  private final Duration age;
  private final Clock clock;
  private final ReentrantLock running = new ReentrantLock();
  private volatile @Nullable Held held;
  private volatile @Nullable Failed failed;
  private volatile @Nullable Held repeated;

  /**
   * @param server the registry that it is asked about
   * @param age how old an answer may become
   */
  HelperCredentials(HelperProgram program, String server, Duration age, Clock clock) {
    this.program = program;
    this.server = server;
    this.age = age;
    this.clock = clock;
  }

  @Override
  public Credentials current() throws UpstreamException {
    Held before = held;
    if (before == null) {
      lock();
    } else if (isWithin(age, before.askedAt()) || isPaused() || !running.tryLock()) {
      return before.credentials();
    }
    try {
      Held now = held;
      if (now != null && !now.equals(before)) {
        return now.credentials();
      }
      return ask(before);
    } finally {
      running.unlock();
    }
  }

  @Override
  public Credentials renew(Credentials refused) throws UpstreamException {
    lock();
    try {
      Held now = held;
      if (now == null || !now.credentials().equals(refused)) {
        return now == null ? ask(null) : now.credentials();
      }
      Held before = repeated;
      if (before != null
          && before.credentials().equals(refused)
          && isWithin(PAUSE, before.askedAt())) {
        return refused;
      }
      Credentials renewed = ask(now);
      if (renewed.equals(refused)) {
        repeated = new Held(refused, clock.instant());
      }
      return renewed;
    } finally {
      running.unlock();
    }
  }

  @Override
  public boolean isAnonymous() {
    return false;
  }

  private Credentials ask(@Nullable Held before) throws UpstreamException {
    Failed failure = failed;
    if (failure != null && isPaused()) {
      return before == null ? fail(failure.message(), null) : before.credentials();
    }
    try {
      Credentials answer = program.get(server).orElse(Credentials.ANONYMOUS);
      if (answer.equals(Credentials.ANONYMOUS)
          && (before == null || !before.credentials().equals(answer))) {
        LOG.warn("There are no credentials for {} in {}", server, program);
      }
      held = new Held(answer, clock.instant());
      failed = null;
      return answer;
    } catch (IOException e) {
      String message = String.valueOf(e.getMessage());
      if (failure == null || !failure.message().equals(message)) {
        LOG.warn("No credentials for {}: {}", server, message);
      }
      failed = new Failed(message, clock.instant());
      return before == null ? fail(message, e) : before.credentials();
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private Credentials fail(String message, @Nullable IOException cause) throws UpstreamException {
    throw new UpstreamException(
        Failure.UNREACHABLE, "no credentials for " + server + ": " + message, null, cause);
  }

  private void lock() throws UpstreamException {
    try {
      running.lockInterruptibly();
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private UpstreamException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new UpstreamException(
        Failure.UNREACHABLE, "interrupted while " + program + " was asked", null, e);
  }

  private boolean isPaused() {
    Failed failure = failed;
    return failure != null && isWithin(PAUSE, failure.at());
  }

  private boolean isWithin(Duration duration, Instant since) {
    return new TimeSpan(since, duration).contains(clock.instant());
  }
}
