package io.entrepot.upstream.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.upstream.MediaType;
import io.entrepot.upstream.RegistryError;
import io.entrepot.upstream.UpstreamException;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Tells what a registry has said from what something on the way has said: a login portal, a
 * firewall, a proxy whose registry is down. A "not found" or a refusal counts only where it has the
 * marks of a registry:
 *
 * <ul>
 *   <li>a challenge of Basic or Bearer;
 *   <li>an error JSON ({@code errors});
 *   <li>no body, or an empty JSON;
 *   <li>a body that is no page, under the header {@code Docker-Distribution-Api-Version};
 *   <li>the XML error of an object store;
 *   <li>any text but a page and a JSON, of a host to which the upstream redirects: such hosts are
 *       no registries.
 * </ul>
 *
 * <p>An HTML page never counts. Web servers before registries send it under the registry's headers.
 */
public final class RegistryMarks {
  private static final String API_VERSION = "Docker-Distribution-Api-Version";
  private static final Pattern CHALLENGE =
      Pattern.compile("(?:.*[\\s,])?(?:basic|bearer)(?:[\\s,].*)?", Pattern.CASE_INSENSITIVE);
  private static final Pattern PAGE =
      Pattern.compile(
          "(?:<\\?xml[^>]*>\\s*)?<(?:!doctype\\s+html|html|head|body)\\b.*", Pattern.DOTALL);
  private static final Pattern STORE_ERROR =
      Pattern.compile("(?:<\\?xml[^>]*>\\s*)?<error\\b.*", Pattern.DOTALL);
  private static final Pattern EMPTY = Pattern.compile("|\\{\\s*}|\\[\\s*]|null");

  private RegistryMarks() {}

  /**
   * Whether an answer is no word of its sender, but of something on the way. Reads the body. An
   * answer to HEAD has none, so only the header can prove that it is a registry's.
   *
   * @param answer with a status of 400 or more, but below 500
   */
  public static boolean isForeign(Answer answer) {
    if (answer.isRefusal() && hasChallenge(answer)) {
      return false;
    }
    if (answer.isToHead()) {
      return isHtml(answer) || answer.header(API_VERSION) == null;
    }
    String body = new String(answer.drain(), UTF_8).strip();
    return (isHtml(answer) && !body.isEmpty()) || isForeignBody(answer, body);
  }

  /** Whether a refusal is an HTML page without a challenge. Reads the body. */
  public static boolean isPage(Answer answer) {
    if (hasChallenge(answer)) {
      return false;
    }
    String body = new String(answer.drain(), UTF_8).strip().toLowerCase(Locale.ROOT);
    return isHtml(answer) || PAGE.matcher(body).matches();
  }

  /**
   * Refuses a page in place of the answer to {@code /v2/}.
   *
   * @throws UpstreamException with INVALID
   */
  public static void requireApi(Answer answer) throws UpstreamException {
    if (isHtml(answer)) {
      throw UpstreamFailures.invalid(answer, "a page in place of the registry API");
    }
  }

  /** Whether an answer is an HTML page, by its type. */
  public static boolean isHtml(Answer answer) {
    String type =
        MediaType.parse(answer.header("Content-Type")).orElse("").toLowerCase(Locale.ROOT);
    return type.equals("text/html") || type.equals("application/xhtml+xml");
  }

  private static boolean hasChallenge(Answer answer) {
    return answer.headers("WWW-Authenticate").stream()
        .anyMatch(v -> CHALLENGE.matcher(v).matches());
  }

  private static boolean isForeignBody(Answer answer, String body) {
    if (EMPTY.matcher(body).matches()) {
      return false;
    }
    String start = body.toLowerCase(Locale.ROOT);
    if (PAGE.matcher(start).matches()) {
      return true;
    }
    if (answer.header(API_VERSION) != null || STORE_ERROR.matcher(start).matches()) {
      return false;
    }
    boolean json = start.startsWith("{") || start.startsWith("[");
    return json ? !RegistryError.read(answer.drain()).isListed() : answer.isFromUpstream();
  }
}
