package io.entrepot.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys that sign tokens, in a file that only this user can read. A new one is made every 30
 * days. Older ones are kept as long as a token by them may live. Thread-safe.
 */
public final class TokenKeys {
  private static final Logger log = LoggerFactory.getLogger(TokenKeys.class);
  private static final Duration ROTATION = Duration.ofDays(30);
  private static final int MAX_BYTES = 64 << 10;
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  private final Path file;
  private final Duration lifetime;
  private final Clock clock;
  private volatile List<ECKey> keys;

  private TokenKeys(Path file, Duration lifetime, Clock clock, List<ECKey> keys) {
    this.file = file;
    this.lifetime = lifetime;
    this.clock = clock;
    this.keys = List.copyOf(keys);
  }

  /**
   * Reads the keys, or makes the first one.
   *
   * @param lifetime of the tokens
   * @throws IOException if the file cannot be read or written
   */
  public static TokenKeys open(Path file, Duration lifetime, Clock clock) throws IOException {
    List<ECKey> keys = new ArrayList<>();
    if (Files.exists(file)) {
      if (Files.size(file) > MAX_BYTES) {
        throw new IOException("the file " + file + " is larger than 64 KiB");
      }
      try {
        for (JWK key : JWKSet.parse(Files.readString(file)).getKeys()) {
          keys.add(key.toECKey());
          var unused = madeAt(key.toECKey());
        }
      } catch (ParseException | ClassCastException | NumberFormatException e) {
        // The cause is left out: its message may quote the key.
        throw new IOException(
            "the file " + file + " has no keys; without the file, new keys are made");
      }
    }
    TokenKeys opened = new TokenKeys(file, lifetime, clock, keys);
    var unused = opened.signing();
    return opened;
  }

  /** The key to sign with now. */
  ECKey signing() throws IOException {
    Optional<ECKey> newest = newest();
    return newest.isPresent() && !isOlder(newest.get(), ROTATION) ? newest.get() : rotate();
  }

  private Optional<ECKey> newest() {
    return keys.stream().max(Comparator.comparing(TokenKeys::madeAt));
  }

  private synchronized ECKey rotate() throws IOException {
    Optional<ECKey> newest = newest();
    if (newest.isPresent() && !isOlder(newest.get(), ROTATION)) {
      return newest.get(); // another thread has made it
    }
    List<ECKey> kept = new ArrayList<>(keys);
    kept.removeIf(key -> isOlder(key, ROTATION.plus(lifetime)));
    ECKey made = make();
    kept.add(made);
    write(kept);
    keys = List.copyOf(kept);
    log.info("A new key signs tokens from now on: {}", made.getKeyID());
    return made;
  }

  private ECKey make() {
    try {
      return new ECKeyGenerator(Curve.P_256)
          .keyID(clock.instant().getEpochSecond() + "-" + UUID.randomUUID())
          .keyUse(KeyUse.SIGNATURE)
          .generate();
    } catch (JOSEException e) {
      throw new IllegalStateException("every JDK has P-256", e);
    }
  }

  private void write(List<ECKey> kept) throws IOException {
    Path next = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(next);
    boolean posix = next.getFileSystem().supportedFileAttributeViews().contains("posix");
    FileAttribute<?>[] mode =
        posix
            ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)}
            : new FileAttribute<?>[0];
    Files.createFile(next, mode);
    Files.writeString(next, new JWKSet(List.<JWK>copyOf(kept)).toString(false));
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** The key with an id, if tokens by it may still be honoured. */
  Optional<ECKey> find(String id) {
    return keys.stream()
        .filter(key -> id.equals(key.getKeyID()))
        .filter(key -> !isOlder(key, ROTATION.plus(lifetime)))
        .findFirst();
  }

  /** The public parts of all keys, as JSON (RFC 7517). */
  String publicKeys() {
    return new JWKSet(List.<JWK>copyOf(keys)).toString(true);
  }

  private boolean isOlder(ECKey key, Duration age) {
    return !clock.instant().isBefore(madeAt(key).plus(age));
  }

  /** The id begins with the time. */
  private static Instant madeAt(ECKey key) {
    String id = String.valueOf(key.getKeyID());
    return Instant.ofEpochSecond(Long.parseLong(id.substring(0, Math.max(0, id.indexOf('-')))));
  }
}
