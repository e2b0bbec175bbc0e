package io.entrepot.access;

import at.favre.lib.crypto.bcrypt.BCrypt;
import at.favre.lib.crypto.bcrypt.LongPasswordStrategies;
import io.entrepot.files.RecentFile;
import io.entrepot.files.WatchedFile;
import io.entrepot.memory.MemoryBudget;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Logs in by an htpasswd file with bcrypt hashes. The file is read again when it has changed. A
 * hash is computed on a thread of its own. Thread-safe.
 */
public final class Htpasswd implements Authenticator {
  /** The name of this way to log in. */
  public static final String WAY = "htpasswd";

  /** A hash that no password has. An unknown user costs as much time as a known one. */
  private static final String NOBODY =
      "$2y$10$ABCDEFGHIJKLMNOPQRSTUuABCDEFGHIJKLMNOPQRSTUVWXYZabcde";

  private final RecentFile<HtpasswdFile> users;
  private final Executor executor;
  private final CheckedPasswords passwords;

  private Htpasswd(
      WatchedFile<HtpasswdFile> file, Executor executor, MemoryBudget memory, Clock clock) {
    this.users = new RecentFile<>(file, clock);
    this.executor = executor;
    this.passwords = new CheckedPasswords(memory, clock);
  }

  /**
   * Reads the file for the first time.
   *
   * @param executor computes hashes. It is bounded, and rejects what is too much.
   * @throws IOException if it cannot be read, or has entries of other kinds; the message names the
   *     file and the lines
   */
  public static Htpasswd open(Path path, Executor executor, MemoryBudget memory, Clock clock)
      throws IOException {
    return new Htpasswd(
        new WatchedFile<>(path, HtpasswdFile.MAX_BYTES, HtpasswdFile::parse),
        executor,
        memory,
        clock);
  }

  @Override
  public boolean mayKnow(PasswordLogin login) {
    return users.get().hashes().containsKey(login.user());
  }

  @Override
  public boolean isRemembered(PasswordLogin login) {
    return passwords.isRemembered(login, users.get());
  }

  @Override
  public CompletableFuture<Outcome> authenticate(PasswordLogin login, ServerRealm realm) {
    HtpasswdFile now = users.get();
    return passwords.check(login, now, executor, () -> check(login, now));
  }

  private static Outcome check(PasswordLogin login, HtpasswdFile users) {
    String hash = users.hashes().get(login.user());
    boolean isRight = matches(login, hash == null ? NOBODY : hash);
    if (hash == null) {
      return new Outcome.NoSuchUser();
    }
    return isRight ? new Outcome.Known(new Principal(WAY, login.user())) : new Outcome.Wrong();
  }

  /** bcrypt reads no more than the first 72 bytes of a password, as htpasswd does. */
  private static boolean matches(PasswordLogin login, String hash) {
    BCrypt.Version version = BCrypt.Version.VERSION_2Y;
    return BCrypt.verifyer(version, LongPasswordStrategies.truncate(version))
        .verify(
            login.passwordBytes(), ("$2y" + hash.substring(3)).getBytes(StandardCharsets.US_ASCII))
        .verified;
  }
}
