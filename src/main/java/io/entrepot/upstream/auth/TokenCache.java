package io.entrepot.upstream.auth;

import io.entrepot.upstream.Messages;
import io.entrepot.upstream.Scope;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.credentials.Credentials;
import io.entrepot.upstream.wire.CallDeadline;
import java.net.URI;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The tokens that are good now. However many ask for the same one at once, it is fetched once, and
 * all share its success or failure; a failure is forgotten at once. Thread-safe.
 */
final class TokenCache {
  /** A repository takes one entry; past this many the least recently used are fetched again. */
  private static final int MAX_ENTRIES = 2048;

  /** What tokens depend on. */
  record Key(URI realm, String service, Scope scope, Credentials credentials) {}

  /**
   * A token found.
   *
   * @param fetched whether it was fetched for this very call, and not before
   */
  record Found(Token token, boolean fetched) {}

  /** Fetches a token that the cache does not have. */
  interface Source {
    Token fetch(Key key) throws UpstreamException;
  }

  private final Clock clock;
  private final Map<Key, CompletableFuture<Token>> entries = new LinkedHashMap<>(16, 0.75f, true);

  TokenCache(Clock clock) {
    this.clock = clock;
  }

  /**
   * Finds a token or fetches it.
   *
   * @param deadline until when to wait for another thread that fetches the same token
   */
  Found get(Key key, CallDeadline deadline, Source source) throws UpstreamException {
    CompletableFuture<Token> own = new CompletableFuture<>();
    CompletableFuture<Token> entry = join(key, own);
    if (entry != own) {
      boolean known = entry.isDone();
      return new Found(await(key, entry, deadline), !known);
    }
    try {
      Token token = source.fetch(key);
      own.complete(token);
      return new Found(token, true);
    } catch (UpstreamException | RuntimeException | Error e) {
      own.completeExceptionally(e);
      throw e;
    }
  }

  /** Forgets a token that was refused, unless another has taken its place. */
  void drop(Key key, Token refused) {
    synchronized (entries) {
      CompletableFuture<Token> entry = entries.get(key);
      if (entry != null && refused.equals(tokenOf(entry))) {
        entries.remove(key);
      }
    }
  }

  /** The entry to wait for, or {@code own} where the caller is to fetch. */
  private CompletableFuture<Token> join(Key key, CompletableFuture<Token> own) {
    synchronized (entries) {
      CompletableFuture<Token> entry = entries.get(key);
      if (entry != null && isUsable(entry)) {
        return entry;
      }
      entries.put(key, own);
      if (entries.size() > MAX_ENTRIES) {
        entries.remove(entries.keySet().iterator().next());
      }
      return own;
    }
  }

  /** In flight, or fresh; a failure is neither, and so the next to ask fetches anew. */
  private boolean isUsable(CompletableFuture<Token> entry) {
    Token token = tokenOf(entry);
    return token == null ? !entry.isDone() : token.isFresh(clock.instant());
  }

  private static @Nullable Token tokenOf(CompletableFuture<Token> entry) {
    return entry.isDone() && !entry.isCompletedExceptionally() ? entry.getNow(null) : null;
  }

  private static Token await(Key key, CompletableFuture<Token> entry, CallDeadline deadline)
      throws UpstreamException {
    try {
      return entry.get(deadline.left().toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UpstreamException cause) {
        throw new UpstreamException(
            cause.failure(),
            String.valueOf(cause.getMessage()),
            cause.retryAfter().orElse(null),
            cause);
      }
      throw new UpstreamException(
          Failure.UNREACHABLE, "the token of another call could not be fetched", null, e);
    } catch (TimeoutException e) {
      throw new UpstreamException(
          Failure.TIMEOUT,
          "no token of "
              + Messages.url(key.realm())
              + " within "
              + deadline.total().toMillis()
              + " ms",
          null,
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UpstreamException(
          Failure.UNREACHABLE, "interrupted while another call fetched the token", null, e);
    }
  }
}
