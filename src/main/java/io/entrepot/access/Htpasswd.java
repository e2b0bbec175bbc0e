package io.entrepot.access;

import at.favre.lib.crypto.bcrypt.BCrypt;
import at.favre.lib.crypto.bcrypt.LongPasswordStrategies;
import com.github.benmanes.caffeine.cache.Cache;
import io.entrepot.files.RecentFile;
import io.entrepot.files.WatchedFile;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.memory.Share;
import io.entrepot.memory.Weight;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Logs in by an htpasswd file with bcrypt hashes. The file is read again when it has changed. A
 * hash is computed on a thread of its own; what was right is remembered for a minute. Thread-safe.
 */
public final class Htpasswd implements Authenticator {
  private static final String WAY = "htpasswd";
  private static final Duration REMEMBERED = Duration.ofMinutes(1);

  private static final int KEY_BYTES = 32;

  /** A hash that no password has. An unknown user costs as much time as a known one. */
  private static final String NOBODY =
      "$2y$10$ABCDEFGHIJKLMNOPQRSTUuABCDEFGHIJKLMNOPQRSTUVWXYZabcde";

  private final RecentFile<HtpasswdFile> users;
  private final Executor executor;
  private final Clock clock;
  private final Cache<String, Remembered> remembered;
  private final SecretKeySpec key;

  /** The passwords that are being checked now; no more than the executor takes. */
  private final ConcurrentHashMap<String, CompletableFuture<Outcome>> running =
      new ConcurrentHashMap<>();

  /**
   * A password that was right.
   *
   * @param users the content of the file by which it was
   */
  private record Remembered(Principal principal, HtpasswdFile users, Instant until) {}

  private Htpasswd(
      WatchedFile<HtpasswdFile> file, Executor executor, MemoryBudget memory, Clock clock) {
    this.users = new RecentFile<>(file, clock);
    this.executor = executor;
    this.clock = clock;
    this.remembered =
        memory.cache(
            Share.LOGINS,
            (login, known) ->
                Weight.ENTRY
                    + 3 * Weight.RECORD
                    + Weight.ofAscii(login)
                    + Weight.of(known.principal().name()));
    byte[] random = new byte[KEY_BYTES];
    new SecureRandom().nextBytes(random);
    this.key = new SecretKeySpec(random, "HmacSHA256");
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
    return remembered(mac(login), users.get()) != null;
  }

  @Override
  public CompletableFuture<Outcome> authenticate(PasswordLogin login, ServerRealm realm) {
    HtpasswdFile now = users.get();
    String mac = mac(login);
    Remembered right = remembered(mac, now);
    if (right != null) {
      return CompletableFuture.completedFuture(new Outcome.Known(right.principal()));
    }
    CompletableFuture<Outcome> mine = new CompletableFuture<>();
    CompletableFuture<Outcome> other = running.putIfAbsent(mac, mine);
    if (other != null) {
      return other;
    }
    try {
      executor.execute(() -> check(login, mac, now, mine));
    } catch (RejectedExecutionException e) {
      running.remove(mac);
      mine.complete(new Outcome.Busy());
    }
    return mine;
  }

  private void check(
      PasswordLogin login, String mac, HtpasswdFile users, CompletableFuture<Outcome> mine) {
    Outcome outcome = new Outcome.Wrong();
    try {
      String hash = users.hashes().get(login.user());
      boolean isRight = matches(login, hash == null ? NOBODY : hash);
      if (hash == null) {
        outcome = new Outcome.NoSuchUser();
      } else if (isRight) {
        Principal principal = new Principal(WAY, login.user());
        remembered.put(mac, new Remembered(principal, users, clock.instant().plus(REMEMBERED)));
        outcome = new Outcome.Known(principal);
      }
    } finally {
      running.remove(mac);
      mine.complete(outcome);
    }
  }

  /** bcrypt reads no more than the first 72 bytes of a password, as htpasswd does. */
  private static boolean matches(PasswordLogin login, String hash) {
    BCrypt.Version version = BCrypt.Version.VERSION_2Y;
    return BCrypt.verifyer(version, LongPasswordStrategies.truncate(version))
        .verify(
            login.passwordBytes(), ("$2y" + hash.substring(3)).getBytes(StandardCharsets.US_ASCII))
        .verified;
  }

  private @Nullable Remembered remembered(String mac, HtpasswdFile users) {
    Remembered known = remembered.getIfPresent(mac);
    return known != null && known.users().equals(users) && clock.instant().isBefore(known.until())
        ? known
        : null;
  }

  private String mac(PasswordLogin login) {
    try {
      Mac mac = Mac.getInstance(key.getAlgorithm());
      mac.init(key);
      mac.update(login.user().getBytes(StandardCharsets.UTF_8));
      mac.update((byte) 0); // no user name has it
      return Base64.getEncoder().encodeToString(mac.doFinal(login.passwordBytes()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }
}
