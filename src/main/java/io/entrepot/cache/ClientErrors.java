package io.entrepot.cache;

import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import java.time.Duration;
import java.util.concurrent.CompletionException;

/** What a client is told when something underneath has failed. */
public final class ClientErrors {
  /** A failure that may pass in a moment: asking again sooner would only add load. */
  public static final Duration SOON = Duration.ofSeconds(1);

  private ClientErrors() {}

  /**
   * Tells a client of an upstream's failure.
   *
   * @param unknown what a 404 of the upstream means for this request
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
          case UNREACHABLE, INVALID -> OciError.UPSTREAM_FAILED;
        };
    return new OciException(error, String.valueOf(e.getMessage()), e.retryAfter().orElse(null), e);
  }

  /** Whether the upstream did not answer the question, so that an older answer may stand in. */
  public static boolean leavesOpen(UpstreamException e) {
    Failure failure = e.failure();
    return failure != Failure.NOT_FOUND && failure != Failure.DENIED;
  }

  public static OciException unavailable(String message, Throwable cause) {
    return new OciException(OciError.UNAVAILABLE, message, SOON, cause);
  }

  /** What really happened, without the wrapping of futures. */
  public static Throwable unwrapped(Throwable e) {
    return e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
  }
}
