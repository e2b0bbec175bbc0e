package io.entrepot.cache;

import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.routing.PullRequest;
import io.entrepot.routing.Source;
import io.entrepot.upstream.Messages;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Makes the errors that clients get when the upstream, the disk or the database fails. */
public final class ClientErrors {
  /**
   * The {@code Retry-After} of failures that may pass soon. An earlier request would only add load.
   */
  public static final Duration SOON = Duration.ofSeconds(1);

  private static final Logger log = LoggerFactory.getLogger(ClientErrors.class);
  private static final Pattern ADDRESS =
      Pattern.compile("(?:localhost|[0-9.]+|\\[.*])(?::\\d+)?", Pattern.CASE_INSENSITIVE);

  private ClientErrors() {}

  /**
   * Makes the error for a failure of the upstream. Clients get its name, and the code and message
   * of its OCI error. The failure itself has URLs and addresses in it, so it goes to the log only.
   *
   * @param unknown the error for a 404 of the upstream
   */
  public static OciException of(Source source, UpstreamException e, OciError unknown) {
    log.atLevel(e.failure() == Failure.NOT_FOUND ? Level.DEBUG : Level.INFO)
        .log(
            "A question about {} to upstream {} failed: {}",
            source.repository(),
            source.upstream(),
            e.getMessage());
    return of(source.upstream(), e, unknown);
  }

  /**
   * As above, for a client whose own user name and password decide. If they are wrong, or it has
   * sent none, it has to log in. Asks the upstream whether they are right, unless it has said so
   * lately: blocks.
   */
  static OciException of(PullRequest pull, UpstreamException e, OciError unknown) {
    Source source = pull.source();
    OciException error = of(source, e, unknown);
    if (!source.isPerClient()) {
      return error;
    }
    if (e.failure() == Failure.DENIED && source.client().isEmpty()) {
      return new OciException(OciError.UNAUTHORIZED, "log in to pull this");
    }
    if (e.failure() == Failure.DENIED && !source.isLoginRight(pull.cost())) {
      return wrongLogin(source.upstream());
    }
    // A GET has words of the upstream, and a HEAD has none. By them, the text would tell what is
    // stored (S31).
    return new OciException(error.error(), plain(source.upstream(), e), retryAfter(e), e);
  }

  /** The error for a client whose user name or password is wrong at an upstream. */
  public static OciException wrongLogin(String upstream) {
    return new OciException(
        OciError.UNAUTHORIZED,
        name(upstream) + " says that the user name or the password is wrong");
  }

  public static OciException of(String upstream, UpstreamException e, OciError unknown) {
    OciError error =
        switch (e.failure()) {
          case NOT_FOUND -> unknown;
          case DENIED -> OciError.DENIED;
          case REFUSED -> OciError.UPSTREAM_REFUSES;
          case THROTTLED -> OciError.TOO_MANY_REQUESTS;
          case BUSY -> OciError.UNAVAILABLE;
          case OFFLINE -> OciError.UPSTREAM_OFFLINE;
          case TIMEOUT -> OciError.UPSTREAM_TIMEOUT;
          case LOOP -> OciError.LOOP;
          case UNREACHABLE, INVALID -> OciError.UPSTREAM_FAILED;
        };
    String message = plain(upstream, e) + Messages.withoutAddresses(e.words());
    return new OciException(error, message, retryAfter(e), e);
  }

  private static String plain(String upstream, UpstreamException e) {
    return name(upstream) + " " + what(e.failure());
  }

  private static @Nullable Duration retryAfter(UpstreamException e) {
    return e.retryAfter().orElse(null);
  }

  /** The name of the upstream, where that is no address. */
  private static String name(String name) {
    return ADDRESS.matcher(name).matches() ? "the upstream" : "upstream " + name;
  }

  private static String what(Failure failure) {
    return switch (failure) {
      case NOT_FOUND -> "does not have it";
      case DENIED -> "refuses it";
      case REFUSED -> "does not take this request";
      case THROTTLED -> "asks this cache to slow down";
      case BUSY -> "cannot be asked now: too many requests to it are under way, which is the limit";
      case OFFLINE -> "is set to offline, and this is not here";
      case TIMEOUT -> "did not answer in time";
      case UNREACHABLE -> "cannot be reached, or fails";
      case LOOP -> "leads back to this cache";
      case INVALID -> "gave an answer that cannot be used";
    };
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

  /** The exception inside the one that a future throws. */
  public static Throwable unwrapped(Throwable e) {
    boolean isOfFuture = e instanceof CompletionException || e instanceof ExecutionException;
    return isOfFuture && e.getCause() != null ? e.getCause() : e;
  }
}
