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
    /** The upstream has no such repository, tag or digest (404), or has it no more (410). */
    NOT_FOUND,
    /**
     * The upstream refuses us: 401 or 403, also with a fresh token; 402, 412 or 451, by which
     * registries say that a policy, a law or a bill forbids it.
     */
    DENIED,
    /** The upstream says that it does not take this request: any other 4xx. */
    REFUSED,
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

  /** What has failed. It decides what a failure says about other questions. */
  public enum Place {
    /** The connection: none was made to the upstream. So nothing can be had from it. */
    CONNECTION,
    /**
     * The upstream or what was asked: there was no answer, or one by which a gateway says that it
     * got none. Several such failures are needed to tell.
     */
    UPSTREAM,
    /** What was asked: the upstream says that it fails at that. */
    RESOURCE,
    /** A host to which the upstream has redirected the request. It decides this one request. */
    TARGET
  }

  /** When to try again after {@link Failure#BUSY}: an earlier call would only add load. */
  private static final Duration BUSY_RETRY = Duration.ofSeconds(1);

  private final Failure failure;
  private final @Nullable Duration retryAfter;
  private final String words;
  private final Place place;

  public UpstreamException(Failure failure, String message) {
    this(failure, message, null, null);
  }

  /**
   * @param retryAfter what the upstream asked for, or null
   * @param cause what happened underneath, or null
   */
  public UpstreamException(
      Failure failure, String message, @Nullable Duration retryAfter, @Nullable Throwable cause) {
    this(failure, message, retryAfter, "", Place.UPSTREAM, cause);
  }

  private UpstreamException(
      Failure failure,
      String message,
      @Nullable Duration retryAfter,
      String words,
      Place place,
      @Nullable Throwable cause) {
    super(message, cause);
    this.failure = failure;
    this.retryAfter = retryAfter;
    this.words = words;
    this.place = place;
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
    return new UpstreamException(failure, text(), retryAfter, said, place, getCause());
  }

  /** The same failure at another place. What failed at a target stays there. */
  public UpstreamException at(Place other) {
    return isOfTarget() || place == other
        ? this
        : new UpstreamException(failure, text(), retryAfter, words, other, getCause());
  }

  /** The same failure with another message. This one is its cause. */
  public UpstreamException retold(String message, @Nullable Duration after) {
    return new UpstreamException(failure, message, after, words, place, this);
  }

  /**
   * Whether this answer cannot be used, while another request for the same may get one that can.
   */
  public boolean isUnusable() {
    return failure == Failure.INVALID || failure == Failure.REFUSED;
  }

  /** The failure that is behind this one, where several calls share it; else this one. */
  public UpstreamException root() {
    return getCause() instanceof UpstreamException shared ? shared : this;
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

  /** What has failed. */
  public Place place() {
    return place;
  }

  /** Whether a host failed to which the upstream has redirected the request. */
  public boolean isOfTarget() {
    return place == Place.TARGET;
  }
}
