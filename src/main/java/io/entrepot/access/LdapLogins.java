package io.entrepot.access;

import com.unboundid.ldap.sdk.DN;
import com.unboundid.ldap.sdk.LDAPException;
import io.entrepot.memory.MemoryBudget;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs in by an LDAP directory: searches the entry of the user, binds with its password, and
 * searches its groups. A directory that is slow or absent is unavailable within a deadline.
 * Thread-safe.
 */
public final class LdapLogins implements Authenticator, AutoCloseable {
  /** The name of this way to log in. */
  public static final String WAY = "ldap";

  /** How many logins ask the directory at once. */
  public static final int AT_ONCE = 4;

  /** A client waits no longer for the directory, whether it has been asked or not. */
  static final Duration DEADLINE = Duration.ofSeconds(5);

  private static final Logger log = LoggerFactory.getLogger(LdapLogins.class);

  private final LdapDirectory directory;
  private final Supplier<AccessRules> rules;
  private final Workers workers;
  private final CheckedPasswords passwords;
  private final WrongPasswords wrong;
  private final AtomicBoolean isDown = new AtomicBoolean();

  /**
   * What runs logins.
   *
   * @param executor asks the directory. It is bounded, and rejects what is too much.
   * @param timer ends what takes too long
   */
  public record Workers(Executor executor, ScheduledExecutorService timer) {}

  /**
   * Makes it, and does not connect yet.
   *
   * @param rules the rules that count now. The directory is asked for the groups that they name.
   * @throws IOException if the connections cannot be set up
   */
  public LdapLogins(
      LdapPlace place,
      Supplier<AccessRules> rules,
      Workers workers,
      MemoryBudget memory,
      Clock clock)
      throws IOException {
    this.directory = new LdapDirectory(place, AT_ONCE);
    this.rules = rules;
    this.workers = workers;
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
      // A bind without a password always succeeds, for it is no login (RFC 4513, 5.1.2).
      return CompletableFuture.completedFuture(new Outcome.Wrong());
    }
    AccessRules now = rules.get();
    long begun = System.nanoTime();
    CompletableFuture<Outcome> found =
        passwords.check(
            login,
            now,
            workers.executor(),
            () -> isOver(begun) ? new Outcome.Unavailable() : check(login, now));
    return found.isDone() ? found : withinDeadline(found);
  }

  private static boolean isOver(long begun) {
    return System.nanoTime() - begun > DEADLINE.toNanos();
  }

  private CompletableFuture<Outcome> withinDeadline(CompletableFuture<Outcome> found) {
    CompletableFuture<Outcome> answer = found.copy();
    ScheduledFuture<?> alarm =
        workers
            .timer()
            .schedule(
                () -> answer.complete(new Outcome.Unavailable()),
                DEADLINE.toMillis(),
                TimeUnit.MILLISECONDS);
    var unused = answer.whenComplete((outcome, failure) -> alarm.cancel(false));
    return answer;
  }

  private Outcome check(PasswordLogin login, AccessRules now) {
    try {
      List<String> entries = directory.find(login.user());
      if (entries.size() > 1) {
        log.warn("The directory has several entries for one user name; nobody logs in by it");
        return new Outcome.Wrong();
      }
      Outcome outcome =
          entries.isEmpty() ? new Outcome.NoSuchUser() : bind(entries.get(0), login, now);
      tell(outcome instanceof Outcome.Unavailable, "it does not answer");
      return outcome;
    } catch (LDAPException e) {
      tell(true, e.getResultCode() + ": " + e.getMessage());
      return new Outcome.Unavailable();
    }
  }

  private Outcome bind(String dn, PasswordLogin login, AccessRules now) throws LDAPException {
    return wrong.check(
        DN.normalize(dn),
        passwords.mac(login),
        () -> {
          try {
            return directory.binds(dn, login.password())
                ? new Outcome.Known(
                    new Principal(
                        WAY, login.user(), directory.groups(dn, login.user(), now.groups())))
                : new Outcome.Wrong();
          } catch (LDAPException e) {
            tell(true, e.getResultCode() + ": " + e.getMessage());
            return new Outcome.Unavailable();
          }
        });
  }

  /** One line when it goes down, and one when it is back. */
  private void tell(boolean down, String why) {
    if (isDown.compareAndSet(!down, down)) {
      if (down) {
        log.warn("The LDAP directory cannot be asked, so that its users get 503: {}", why);
      } else {
        log.info("The LDAP directory answers again");
      }
    }
  }

  @Override
  public void close() {
    directory.close();
  }
}
