package io.entrepot.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.benmanes.caffeine.cache.Cache;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.memory.Share;
import io.entrepot.memory.Weight;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The tokens of others that were verified, each as long as it is valid and the keys by which it was
 * verified are still those of its signer. They are kept by their digests, because they are long.
 * Thread-safe.
 */
final class VerifiedTokens {
  private final Clock clock;
  private final Cache<String, Remembered> tokens;

  /**
   * @param by the keys by which it was verified
   * @param keys the keys of its signer now
   */
  private record Remembered(ProvenToken proven, KeySet by, Supplier<Optional<KeySet>> keys) {
    boolean isByTheKeysOfNow() {
      return keys.get().filter(by::equals).isPresent();
    }
  }

  VerifiedTokens(MemoryBudget memory, Clock clock) {
    this.clock = clock;
    this.tokens =
        memory.cache(
            Share.LOGINS,
            (digest, known) ->
                Weight.ENTRY
                    + 4 * Weight.RECORD
                    + Weight.ofAscii(digest)
                    + weight(known.proven().principal())
                    + weight(known.proven().given()));
  }

  private static int weight(@Nullable Principal principal) {
    return principal == null ? 0 : Weight.of(principal.name()) + principal.weightOfGroups();
  }

  private static int weight(@Nullable Set<TokenScope> scopes) {
    return scopes == null
        ? 0
        : scopes.stream().mapToInt(scope -> 2 * Weight.RECORD + Weight.of(scope.name())).sum();
  }

  Optional<ProvenToken> find(String token) {
    Remembered known = tokens.getIfPresent(digest(token));
    return known != null
            && clock.instant().isBefore(known.proven().until())
            && known.isByTheKeysOfNow()
        ? Optional.of(known.proven())
        : Optional.empty();
  }

  void put(String token, ProvenToken proven, KeySet by, Supplier<Optional<KeySet>> keys) {
    tokens.put(digest(token), new Remembered(proven, by, keys));
  }

  private static String digest(String token) {
    try {
      return Base64.getEncoder()
          .encodeToString(MessageDigest.getInstance("SHA-256").digest(token.getBytes(UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
