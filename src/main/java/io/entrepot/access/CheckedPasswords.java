package io.entrepot.access;

import com.github.benmanes.caffeine.cache.Cache;
import io.entrepot.access.Authenticator.Outcome;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.memory.Share;
import io.entrepot.memory.Weight;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The passwords that one way to log in checks. What was right is remembered for a minute, as an
 * HMAC under a random key of this process. Each password is checked once for all who send it at the
 * same time. Thread-safe.
 */
final class CheckedPasswords {
  private static final Logger log = LoggerFactory.getLogger(CheckedPasswords.class);
  private static final Duration REMEMBERED = Duration.ofMinutes(1);

  private final Clock clock;
  private final Cache<String, Right> remembered;
  private final PasswordDigest digests = new PasswordDigest();

  /** The passwords that are being checked now; no more than the executors take. */
  private final ConcurrentHashMap<String, CompletableFuture<Outcome>> running =
      new ConcurrentHashMap<>();

  /**
   * A password that was right.
   *
   * @param basis by what it was, such as the content of a file
   */
  private record Right(Principal principal, Object basis, Instant until) {}

  CheckedPasswords(MemoryBudget memory, Clock clock) {
    this.clock = clock;
    this.remembered =
        memory.cache(
            Share.LOGINS,
            (login, right) ->
                Weight.ENTRY
                    + 3 * Weight.RECORD
                    + Weight.ofAscii(login)
                    + Weight.of(right.principal().name())
                    + right.principal().groups().stream().mapToInt(Weight::of).sum());
  }

  /** Whether this was right a short time ago, by the same basis. */
  boolean isRemembered(PasswordLogin login, Object basis) {
    return remembered(mac(login), basis) != null;
  }

  /**
   * Checks a password, unless it is remembered or being checked.
   *
   * @param basis what the check relies on. What was right by another basis is checked again.
   * @param executor runs the check, or rejects it
   */
  CompletableFuture<Outcome> check(
      PasswordLogin login, Object basis, Executor executor, Supplier<Outcome> check) {
    String mac = mac(login);
    Right right = remembered(mac, basis);
    if (right != null) {
      return CompletableFuture.completedFuture(new Outcome.Known(right.principal()));
    }
    CompletableFuture<Outcome> mine = new CompletableFuture<>();
    CompletableFuture<Outcome> other = running.putIfAbsent(mac, mine);
    if (other != null) {
      return other;
    }
    try {
      executor.execute(() -> finish(mac, basis, mine, check));
    } catch (RejectedExecutionException e) {
      running.remove(mac);
      mine.complete(new Outcome.Busy());
    }
    return mine;
  }

  private void finish(
      String mac, Object basis, CompletableFuture<Outcome> mine, Supplier<Outcome> check) {
    Outcome outcome = new Outcome.Unavailable();
    try {
      outcome = check.get();
      if (outcome instanceof Outcome.Known known) {
        Instant until = clock.instant().plus(REMEMBERED);
        remembered.put(mac, new Right(known.principal(), basis, until));
      }
    } catch (RuntimeException e) {
      log.warn("A password could not be checked", e);
    } finally {
      running.remove(mac);
      mine.complete(outcome);
    }
  }

  private @Nullable Right remembered(String mac, Object basis) {
    Right right = remembered.getIfPresent(mac);
    return right != null && right.basis().equals(basis) && clock.instant().isBefore(right.until())
        ? right
        : null;
  }

  /** A text that stands for a user name and a password, in this process only. */
  String mac(PasswordLogin login) {
    return digests.of(login);
  }
}
