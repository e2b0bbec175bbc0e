package io.entrepot.oci;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A failure that is sent to the client as an OCI error. The message says what was attempted, on
 * what, and what happened. It never contains a secret.
 */
public final class OciException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final OciError error;
  private final @Nullable Duration retryAfter;
  private final long blobSize;
  private final String code;

  /** Makes a failure without a stack trace, since the message explains it. */
  public OciException(OciError error, String message) {
    this(error, message, null, null);
  }

  /**
   * Makes a failure with a cause.
   *
   * @param error the kind of error
   * @param message one line for people
   * @param retryAfter how long the client should wait before it asks again, or null if unknown
   * @param cause the exception behind this failure, or null. With a cause the stack trace is kept.
   */
  public OciException(
      OciError error, String message, @Nullable Duration retryAfter, @Nullable Throwable cause) {
    super(message, cause, false, cause != null);
    this.error = error;
    this.retryAfter = retryAfter;
    this.blobSize = -1;
    this.code = error.code();
  }

  private OciException(long blobSize) {
    super(
        "the blob has " + blobSize + " bytes, and the requested range contains none of them",
        null,
        false,
        false);
    this.error = OciError.RANGE_UNSATISFIABLE;
    this.retryAfter = null;
    this.blobSize = blobSize;
    this.code = error.code();
  }

  private OciException(String code, String message) {
    super(message, null, false, false);
    this.error = OciError.PAGE_INVALID;
    this.retryAfter = null;
    this.blobSize = -1;
    this.code = code;
  }

  /**
   * Makes the failure for a parameter that the upstream refuses.
   *
   * @param code the upstream's error code
   */
  public static OciException refusedParameter(String code, String message) {
    return new OciException(code, message);
  }

  /**
   * Makes the failure for a range that contains no byte of the blob.
   *
   * @param blobSize the size of the blob in bytes
   */
  static OciException unsatisfiable(long blobSize) {
    return new OciException(blobSize);
  }

  /** The {@code Content-Range} of the answer to an unsatisfiable range (RFC 9110, 14.4). */
  public Optional<String> contentRange() {
    return blobSize < 0 ? Optional.empty() : Optional.of("bytes */" + blobSize);
  }

  public OciError error() {
    return error;
  }

  /** The code of the error JSON: that of {@link #error}, or the upstream's own. */
  public String code() {
    return code;
  }

  /** How long the client should wait before it asks again; for the {@code Retry-After} header. */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }
}
