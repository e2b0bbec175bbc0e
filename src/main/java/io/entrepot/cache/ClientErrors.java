package io.entrepot.cache;

import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import java.time.Duration;
import java.util.concurrent.CompletionException;

/** Makes the errors that clients get when the upstream, the disk or the database fails. */
public final class ClientErrors {
  /**
   * The {@code Retry-After} of failures that may pass soon. An earlier request would only add load.
   */
  public static final Duration SOON = Duration.ofSeconds(1);

  private ClientErrors() {}

  /**
   * Makes the error for a failure of the upstream.
   *
   * @param unknown the error for a 404 of the upstream
   */
  public static OciException of(UpstreamException e, OciError unknown) {
    OciError error =
        switch (e.failure()) {
          case NOT_FOUND -> unknown;
          case DENIED -> OciError.DENIED;
          case THROTTLED -> OciError.TOO_MANY_REQUESTS;
          case BUSY -> OciError.UNAVAILABLE;
          case OFFLINE -> OciError.UPSTREAM_OFFLINE;
          case TIMEOUT -> OciError.UPSTREAM_TIMEOUT;
          case LOOP -> OciError.LOOP;
          case UNREACHABLE, INVALID -> OciError.UPSTREAM_FAILED;
        };
    return new OciException(error, String.valueOf(e.getMessage()), e.retryAfter().orElse(null), e);
  }

  /**
   * Whether the upstream gave no answer to the question. Then an older answer may be used. After a
   * "not found" or a refusal it may not.
   */
  public static boolean leavesOpen(UpstreamException e) {
    Failure failure = e.failure();
    return failure != Failure.NOT_FOUND && failure != Failure.DENIED;
  }

  /** Makes the error for a failure of this cache, with status 503. */
  public static OciException unavailable(String message, Throwable cause) {
    return new OciException(OciError.UNAVAILABLE, message, SOON, cause);
  }

  /** The exception inside the {@link CompletionException} of a future. */
  public static Throwable unwrapped(Throwable e) {
    return e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
  }
}
