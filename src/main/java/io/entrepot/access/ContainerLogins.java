package io.entrepot.access;

import io.entrepot.memory.MemoryBudget;
import java.time.Clock;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * Logs in by the realm of the server. It is asked on the thread of the request, since it needs the
 * request. So only a few may be asked at once, and all others are busy. Thread-safe.
 */
public final class ContainerLogins implements Authenticator {
  /** The name of this way to log in. */
  public static final String WAY = "container";

  /** So few that a realm which hangs leaves most threads of the server alone. */
  static final int AT_ONCE = 16;

  private final Supplier<AccessRules> rules;
  private final CheckedPasswords passwords;
  private final WrongPasswords wrong;
  private final Semaphore permits = new Semaphore(AT_ONCE);

  /**
   * Makes it.
   *
   * @param rules the rules that count now. The realm is asked for the groups that they name.
   */
  public ContainerLogins(Supplier<AccessRules> rules, MemoryBudget memory, Clock clock) {
    this.rules = rules;
    this.passwords = new CheckedPasswords(memory, clock);
    this.wrong = new WrongPasswords(memory, clock);
  }

  @Override
  public boolean isRemembered(PasswordLogin login) {
    return passwords.isRemembered(login, rules.get());
  }

  @Override
  public CompletableFuture<Outcome> authenticate(PasswordLogin login, ServerRealm realm) {
    if (login.user().isEmpty() || login.password().isEmpty()) {
      // Some realms let in whoever has no password.
      return CompletableFuture.completedFuture(new Outcome.Wrong());
    }
    AccessRules now = rules.get();
    return passwords.check(
        login,
        now,
        this::onThisThread,
        () ->
            wrong.check(
                WrongPasswords.sameName(login.user()),
                passwords.mac(login),
                () -> ask(login, realm, now.groups())));
  }

  private void onThisThread(Runnable check) {
    if (!permits.tryAcquire()) {
      throw new RejectedExecutionException("too many ask the realm of the server");
    }
    try {
      check.run();
    } finally {
      permits.release();
    }
  }

  /** Realms do not tell whether there is such a user. */
  private static Outcome ask(PasswordLogin login, ServerRealm realm, Set<String> groups) {
    Optional<Set<String>> in = realm.groups(login, groups);
    return in.isPresent()
        ? new Outcome.Known(new Principal(WAY, login.user(), in.get()))
        : new Outcome.Wrong();
  }
}
