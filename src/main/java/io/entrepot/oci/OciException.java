package io.entrepot.oci;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A failure that a client is told of, as an OCI error. The message names what was attempted, on
 * what, and what happened, and never holds a secret.
 */
public final class OciException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final OciError error;
  private final @Nullable Duration retryAfter;
  private final long blobSize;

  /** A failure that the request itself explains: no stack trace is taken. */
  public OciException(OciError error, String message) {
    this(error, message, null, null);
  }

  /**
   * @param retryAfter when the client may ask again, or null where nothing is known
   * @param cause what happened underneath, or null; with a cause the stack trace is kept
   */
  public OciException(
      OciError error, String message, @Nullable Duration retryAfter, @Nullable Throwable cause) {
    super(message, cause, false, cause != null);
    this.error = error;
    this.retryAfter = retryAfter;
    this.blobSize = -1;
  }

  private OciException(long blobSize) {
    super(
        "the blob has " + blobSize + " bytes, none of which is in the range asked for",
        null,
        false,
        false);
    this.error = OciError.RANGE_UNSATISFIABLE;
    this.retryAfter = null;
    this.blobSize = blobSize;
  }

  /** No byte of a blob of this size is in the range that was asked for. */
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

  /** When the client may ask again, for the {@code Retry-After} header. */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }
}
