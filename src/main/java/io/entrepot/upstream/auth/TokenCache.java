package io.entrepot.upstream.auth;

import com.github.benmanes.caffeine.cache.Cache;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.memory.Share;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.wire.CallDeadline;
import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The tokens that are still fresh. When many calls want the same new one, it is fetched once, and
 * all share its success or failure. A failure is not kept. Thread-safe.
 */
final class TokenCache {
  /**
   * A token found.
   *
   * @param fetched whether it was fetched for this very call, and not before
   */
  record Found(Token token, boolean fetched) {}

  /** Fetches a token that the cache does not have. */
  interface Missing {
    Token fetch(TokenKey key) throws UpstreamException;
  }

  private final Clock clock;
  private final Cache<TokenKey, Token> tokens;

  /** The fetches that are under way: at most one for each call. */
  private final ConcurrentMap<TokenKey, CompletableFuture<Token>> fetches =
      new ConcurrentHashMap<>();

  /**
   * Begins empty.
   *
   * @param share what the tokens may take of the memory; a usual token has 4 KiB
   */
  TokenCache(MemoryBudget memory, Share share, Clock clock) {
    this.clock = clock;
    this.tokens = memory.cache(share, (key, token) -> key.weight() + token.weight());
  }

  /**
   * Finds a token or fetches it.
   *
   * @param deadline until when to wait for another thread that fetches the same token
   * @param missing fetches the token; it is called on this thread
   */
  Found get(TokenKey key, CallDeadline deadline, Missing missing) throws UpstreamException {
    Token known = fresh(key);
    if (known != null) {
      return new Found(known, false);
    }
    CompletableFuture<Token> own = new CompletableFuture<>();
    CompletableFuture<Token> other = fetches.putIfAbsent(key, own);
    return other == null ? fetch(key, own, missing) : new Found(await(other, deadline), true);
  }

  private Found fetch(TokenKey key, CompletableFuture<Token> own, Missing missing)
      throws UpstreamException {
    try {
      // Another thread can have fetched it after we looked and before our turn.
      Token known = fresh(key);
      Token token = known == null ? missing.fetch(key) : known;
      tokens.put(key, token);
      own.complete(token);
      return new Found(token, known == null);
    } catch (UpstreamException | RuntimeException | Error e) {
      own.completeExceptionally(e);
      throw e;
    } finally {
      fetches.remove(key, own);
    }
  }

  private @Nullable Token fresh(TokenKey key) {
    Token token = tokens.getIfPresent(key);
    return token != null && token.isFresh(clock.instant()) ? token : null;
  }

  /** Forgets a token that was refused, unless another has taken its place. */
  void drop(TokenKey key, Token refused) {
    var unused = tokens.asMap().remove(key, refused);
  }

  /** Forgets a token, whichever it is. */
  void forget(TokenKey key) {
    tokens.invalidate(key);
  }

  private static Token await(CompletableFuture<Token> fetch, CallDeadline deadline)
      throws UpstreamException {
    try {
      return fetch.get(deadline.left().toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UpstreamException cause) {
        throw cause.retold(String.valueOf(cause.getMessage()), cause.retryAfter().orElse(null));
      }
      throw new UpstreamException(
          Failure.UNREACHABLE, "the token of another call could not be fetched", null, e);
    } catch (TimeoutException e) {
      throw new UpstreamException(
          Failure.TIMEOUT,
          "another call got no token within " + deadline.total().toMillis() + " ms",
          null,
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UpstreamException(
          Failure.UNREACHABLE, "interrupted while another call fetched the token", null, e);
    }
  }
}
