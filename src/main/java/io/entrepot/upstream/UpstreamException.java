package io.entrepot.upstream;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The failure of a call to an upstream. The message says what was attempted and what happened. It
 * holds no secret and no query string, since that of a presigned URL is a secret (S16).
 */
public final class UpstreamException extends Exception {
  private static final long serialVersionUID = 1L;

  /** The kinds of failure that a cache treats differently. */
  public enum Failure {
    /** The upstream has no such repository, tag or digest (404). */
    NOT_FOUND,
    /** The upstream refuses us (401 or 403, also with a fresh token). */
    DENIED,
    /** The upstream asks us to slow down (429). */
    THROTTLED,
    /** Too many calls of our own are under way; nothing was sent. */
    BUSY,
    /** The settings say that this upstream is not asked. */
    OFFLINE,
    /** No answer in time. */
    TIMEOUT,
    /** No connection, an unknown host, a certificate that is not trusted, or a 5xx. */
    UNREACHABLE,
    /** The upstream leads back to this cache. */
    LOOP,
    /**
     * An unusable answer: wrong digest, wrong type, encoded, too large, a redirect loop, or a page
     * that no registry has sent.
     */
    INVALID
  }

  /** When to try again after {@link Failure#BUSY}: an earlier call would only add load. */
  private static final Duration BUSY_RETRY = Duration.ofSeconds(1);

  private final Failure failure;
  private final @Nullable Duration retryAfter;
  private final String words;
  private final boolean ofTarget;

  public UpstreamException(Failure failure, String message) {
    this(failure, message, null, null);
  }

  /**
   * @param retryAfter what the upstream asked for, or null
   * @param cause what happened underneath, or null
   */
  public UpstreamException(
      Failure failure, String message, @Nullable Duration retryAfter, @Nullable Throwable cause) {
    this(failure, message, retryAfter, "", false, cause);
  }

  private UpstreamException(
      Failure failure,
      String message,
      @Nullable Duration retryAfter,
      String words,
      boolean ofTarget,
      @Nullable Throwable cause) {
    super(message, cause);
    this.failure = failure;
    this.retryAfter = retryAfter;
    this.words = words;
    this.ofTarget = ofTarget;
  }

  /**
   * The failure of a call that was not sent, because too many of our own are under way.
   *
   * @param cause what happened underneath, or null
   */
  public static UpstreamException busy(String message, @Nullable Throwable cause) {
    return new UpstreamException(Failure.BUSY, message, BUSY_RETRY, cause);
  }

  /**
   * The same failure, with what the upstream said in its error.
   *
   * @param said its code and message as by {@link Messages#excerpt}; may be empty
   */
  public UpstreamException saying(String said) {
    return new UpstreamException(failure, text(), retryAfter, said, ofTarget, getCause());
  }

  /** The same failure, of a host to which the upstream has redirected the request. */
  public UpstreamException ofTarget() {
    return ofTarget
        ? this
        : new UpstreamException(failure, text(), retryAfter, words, true, getCause());
  }

  /** The same failure with another message. This one is its cause. */
  public UpstreamException retold(String message, @Nullable Duration after) {
    return new UpstreamException(failure, message, after, words, ofTarget, this);
  }

  private String text() {
    return String.valueOf(getMessage());
  }

  public Failure failure() {
    return failure;
  }

  /** After how long to try again, where that is known. */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }

  /** The code and message of the upstream's error, as by {@link Messages#excerpt}; or empty. */
  public String words() {
    return words;
  }

  /**
   * Whether a host failed to which the upstream has redirected the request. Such a host decides
   * this one request. It says nothing about the upstream.
   */
  public boolean isOfTarget() {
    return ofTarget;
  }
}
