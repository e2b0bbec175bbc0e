package io.entrepot.access;

import com.github.benmanes.caffeine.cache.Cache;
import io.entrepot.access.Authenticator.Outcome;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.memory.Share;
import io.entrepot.memory.Weight;
import java.text.Normalizer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Lets only a few wrong passwords of a user reach a realm within an hour, so that no stranger can
 * lock an account there. A password that was wrong is not sent again in that time. The password
 * that was right last is sent whatever strangers have tried. Thread-safe.
 */
final class WrongPasswords {
  /** Fewer than realms take before they lock an account. */
  static final int MAX = 3;

  static final Duration WINDOW = Duration.ofHours(1);

  private static final int WEIGHT_OF_MAC = 128;

  private final Clock clock;
  private final Cache<String, Tries> users;

  private final AtomicLong number = new AtomicLong();

  /** A password that was wrong, or is being checked. Each try has a number of its own. */
  private record Try(long number, String mac, Instant at) {}

  /**
   * What was tried of a user.
   *
   * @param right the password that was right last, or empty
   * @param tries those within the hour that were wrong or are being checked
   */
  private record Tries(String right, List<Try> tries) {
    boolean has(String mac) {
      return tries.stream().anyMatch(one -> one.mac().equals(mac));
    }

    Tries with(Try one) {
      return new Tries(right, Stream.concat(tries.stream(), Stream.of(one)).toList());
    }

    Tries without(Try one) {
      return new Tries(right, tries.stream().filter(other -> !other.equals(one)).toList());
    }
  }

  WrongPasswords(MemoryBudget memory, Clock clock) {
    this.clock = clock;
    this.users =
        memory.cache(
            Share.LOGINS,
            (user, tries) ->
                Weight.ENTRY
                    + Weight.RECORD
                    + Weight.of(user)
                    + WEIGHT_OF_MAC
                    + tries.tries().size() * (WEIGHT_OF_MAC + 2 * Weight.RECORD));
  }

  /** Realms do not tell apart names that differ in case or in the form of their characters. */
  static String sameName(String user) {
    return Normalizer.normalize(user, Normalizer.Form.NFKC).strip().toLowerCase(Locale.ROOT);
  }

  /**
   * Checks a password, unless too many of this user were wrong.
   *
   * @param user the account, by a name that is the same for all ways to write it
   * @param mac stands for the user name and the password
   */
  Outcome check(String user, String mac, Supplier<Outcome> check) {
    Instant now = clock.instant();
    Try mine = new Try(number.incrementAndGet(), mac, now);
    Tries after =
        users
            .asMap()
            .compute(
                user,
                (name, known) -> {
                  Tries before = known == null ? new Tries("", List.of()) : recent(known, now);
                  return refusal(before, mac, now).isPresent() ? before : before.with(mine);
                });
    if (!after.tries().contains(mine)) {
      return refusal(after, mac, now).orElseThrow();
    }
    Outcome outcome = new Outcome.Unavailable();
    try {
      outcome = check.get();
    } finally {
      note(user, mine, outcome);
    }
    return outcome;
  }

  private static Tries recent(Tries tries, Instant now) {
    Instant since = now.minus(WINDOW);
    return new Tries(
        tries.right(), tries.tries().stream().filter(one -> one.at().isAfter(since)).toList());
  }

  private static Optional<Outcome> refusal(Tries before, String mac, Instant now) {
    boolean wasRight = mac.equals(before.right());
    boolean wasWrong = before.has(mac);
    if (wasWrong && !wasRight) {
      return Optional.of(new Outcome.Wrong());
    }
    if (before.tries().size() < MAX || (wasRight && !wasWrong)) {
      return Optional.empty();
    }
    Instant free = before.tries().get(0).at().plus(WINDOW);
    return Optional.of(new Outcome.TooMany(Duration.between(now, free)));
  }

  private void note(String user, Try mine, Outcome outcome) {
    if (outcome instanceof Outcome.Wrong) {
      return; // it stays among the tries
    }
    users
        .asMap()
        .computeIfPresent(
            user,
            (name, tries) -> {
              Tries rest = tries.without(mine);
              return outcome instanceof Outcome.Known ? new Tries(mine.mac(), rest.tries()) : rest;
            });
  }
}
