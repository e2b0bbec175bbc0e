package io.entrepot.upstream.wire;

import io.entrepot.oci.OciError;
import io.entrepot.upstream.Messages;
import io.entrepot.upstream.RegistryError;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.UpstreamException.Place;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.ClientProtocolException;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.MessageConstraintException;
import org.jspecify.annotations.Nullable;

/** Turns exceptions of HttpClient, and answers that say no, into an {@link UpstreamException}. */
public final class UpstreamFailures {
  /** By a bill, a policy (Harbor, of images with weaknesses) and a law. */
  private static final Set<Integer> FORBIDDING = Set.of(402, 412, 451);

  private UpstreamFailures() {}

  /**
   * The failure of an exchange that ended in an exception.
   *
   * @param what what the request did, for the message: "failed", "broke off"
   */
  public static UpstreamException of(UpstreamRequest request, String what, IOException e) {
    // An exception about a response that is no HTTP holds raw lines. So it is no cause of ours.
    if (e instanceof MessageConstraintException) {
      return new UpstreamException(Failure.INVALID, request + " got a head that is too large");
    }
    if (e instanceof ClientProtocolException && e.getCause() instanceof HttpException cause) {
      return new UpstreamException(
          Failure.INVALID,
          request + " got no proper HTTP response: " + request.quote(cause.getMessage()));
    }
    if (e instanceof ForbiddenAddressException) {
      return new UpstreamException(
          Failure.INVALID,
          request + " is not sent: " + request.redactor().apply(String.valueOf(e.getMessage())));
    }
    if (e instanceof ConnectionRequestTimeoutException) {
      return UpstreamException.busy(request + " " + what + ": all connections are in use", e);
    }
    String detail = detail(e) + (e.getMessage() == null ? "" : " " + request.quote(e.getMessage()));
    Failure failure = e instanceof SocketTimeoutException ? Failure.TIMEOUT : Failure.UNREACHABLE;
    IOException cause = isTelling(request, e) ? null : e;
    return new UpstreamException(failure, request + " " + what + ": " + detail, null, cause);
  }

  /** Whether an exception, or one below it, shows a secret, so that it may stand in no trace. */
  private static boolean isTelling(UpstreamRequest request, Throwable e) {
    String text = e.toString();
    Throwable below = e.getCause();
    return !request.redactor().apply(text).equals(text)
        || (below != null && isTelling(request, below));
  }

  private static String detail(IOException e) {
    if (e instanceof UnknownHostException) {
      return "no such host";
    }
    if (e instanceof SSLException) {
      return "no trusted TLS connection";
    }
    return e.getClass().getSimpleName();
  }

  /** The failure that a status means. Reads the body, to quote what the upstream says. */
  public static UpstreamException of(Answer answer, Clock clock) {
    int status = answer.status();
    if (isLoop(answer)) {
      return answer.ofSender(
          new UpstreamException(
              Failure.LOOP,
              answer.request()
                  + " failed: this upstream leads back to this cache; change its URL"));
    }
    Failure failure = failure(answer);
    if ((failure == Failure.DENIED || failure == Failure.NOT_FOUND)
        && RegistryMarks.isForeign(answer)) {
      return invalid(answer, status + " with something that no registry sends");
    }
    String words = answer.excerpt();
    Duration wait = status == 429 ? RetryAfter.parse(answer.header("Retry-After"), clock) : null;
    UpstreamException told =
        new UpstreamException(failure, answer.request() + " failed: " + status + words, wait, null)
            .at(place(status));
    // Clients do not learn what other hosts say: a redirect can lead anywhere (S35).
    return answer.isFromUpstream()
        ? told.saying(Messages.withoutHost(words, answer.uri()))
        : answer.ofSender(told);
  }

  /**
   * Which part has failed. 502 to 504 are from a gateway, and so are 520 to 530 (Cloudflare): what
   * is behind it did not answer.
   */
  private static Place place(int status) {
    boolean gateway = (status >= 502 && status <= 504) || (status >= 520 && status <= 530);
    return status >= 500 && !gateway ? Place.RESOURCE : Place.UPSTREAM;
  }

  /** Whether a cache has refused a request of its own, so that also a HEAD can tell. */
  private static boolean isLoop(Answer answer) {
    String cacheStatus = answer.header("Cache-Status");
    return answer.status() == OciError.LOOP.status()
        && cacheStatus != null
        && cacheStatus.contains("detail=" + OciError.LOOP.code());
  }

  private static Failure failure(Answer answer) {
    int status = answer.status();
    return switch (status) {
      case 401, 403 -> Failure.DENIED;
      case 404, 410 -> Failure.NOT_FOUND;
      case 407 -> Failure.UNREACHABLE;
      case 408 -> Failure.TIMEOUT;
      case 429 -> Failure.THROTTLED;
      default -> status >= 500 ? Failure.UNREACHABLE : refusal(answer);
    };
  }

  /**
   * What any other 4xx means. Only the error of a registry is its word. What a redirect leads to
   * says nothing about the request of a client, and neither does 416: the range is ours.
   */
  private static Failure refusal(Answer answer) {
    boolean isWord =
        answer.isFromUpstream()
            && answer.status() >= 400
            && answer.status() != 416
            && RegistryError.read(answer.drain()).isListed();
    return !isWord
        ? Failure.INVALID
        : FORBIDDING.contains(answer.status()) ? Failure.DENIED : Failure.REFUSED;
  }

  public static UpstreamException invalid(Answer answer, String why) {
    return invalid(answer, why, null);
  }

  public static UpstreamException invalid(Answer answer, String why, @Nullable Throwable cause) {
    return answer.ofSender(
        new UpstreamException(
            Failure.INVALID,
            answer.request()
                + " got an unusable answer: "
                + answer.request().redactor().apply(why + encoding(answer)),
            null,
            cause));
  }

  /**
   * What may be the reason. Bytes count as they are, whatever their encoding is called: object
   * stores also name one by which the bytes were uploaded, and one that a blob has in itself.
   */
  private static String encoding(Answer answer) {
    String encoding = answer.header("Content-Encoding");
    return encoding == null
        ? ""
        : "; its Content-Encoding is " + answer.quote(encoding) + " though none was asked";
  }
}
