package io.entrepot.upstream;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An upstream did not give what was asked of it. The message names what was attempted, on what, and
 * what happened; it holds no secret and no query string of a presigned URL (S16).
 */
public final class UpstreamException extends Exception {
  private static final long serialVersionUID = 1L;

  /** What a cache must tell apart. */
  public enum Failure {
    /** The upstream has no such repository, tag or digest (404). */
    NOT_FOUND,
    /** The upstream refuses us (401 or 403 after one fresh token). */
    DENIED,
    /** The upstream asks us to slow down (429). */
    THROTTLED,
    /** Somebody has set it so that it is not asked. */
    OFFLINE,
    /** No answer in time. */
    TIMEOUT,
    /** No connection, no name, no trust, or a 5xx. */
    UNREACHABLE,
    /**
     * An answer that cannot be used: wrong digest, wrong type, encoded, too large, redirect ring.
     */
    INVALID
  }

  private final Failure failure;
  private final @Nullable Duration retryAfter;

  public UpstreamException(Failure failure, String message) {
    this(failure, message, null, null);
  }

  /**
   * @param retryAfter what the upstream asked for, or null
   * @param cause what happened underneath, or null
   */
  public UpstreamException(
      Failure failure, String message, @Nullable Duration retryAfter, @Nullable Throwable cause) {
    super(message, cause);
    this.failure = failure;
    this.retryAfter = retryAfter;
  }

  public Failure failure() {
    return failure;
  }

  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }
}
