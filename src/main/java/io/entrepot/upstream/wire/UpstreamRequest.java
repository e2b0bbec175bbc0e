package io.entrepot.upstream.wire;

import io.entrepot.upstream.Messages;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP request. It also makes the words about it, from what the other side says: without the
 * secrets that were sent there (S36).
 *
 * @param headers without {@code Authorization}, which depends on the origin it is sent to
 * @param form the body of a POST, or null
 * @param redactor takes the secrets out of a text
 */
public record UpstreamRequest(
    String method,
    URI uri,
    Map<String, String> headers,
    @Nullable String form,
    UnaryOperator<String> redactor) {

  public static UpstreamRequest get(URI uri) {
    return new UpstreamRequest("GET", uri, Map.of(), null, text -> text);
  }

  public static UpstreamRequest head(URI uri) {
    return new UpstreamRequest("HEAD", uri, Map.of(), null, text -> text);
  }

  public static UpstreamRequest post(URI uri, String form) {
    return new UpstreamRequest("POST", uri, Map.of(), form, text -> text);
  }

  public UpstreamRequest with(String header, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(header, value);
    return new UpstreamRequest(method, uri, Map.copyOf(more), form, redactor);
  }

  /** Whether it changes nothing at the other side, so that it may be sent twice. */
  boolean isRepeatable() {
    return method.equals("GET") || method.equals("HEAD");
  }

  /** The same request to another URL, with its method and body. */
  public UpstreamRequest at(URI other) {
    return new UpstreamRequest(method, other, headers, form, redactor);
  }

  /** The same request, with words about it that show no secret. */
  UpstreamRequest redactedBy(UnaryOperator<String> other) {
    return new UpstreamRequest(method, uri, headers, form, other);
  }

  /** Text of the other side in quotes, see {@link Messages#quote}. */
  public String quote(@Nullable String text) {
    return Messages.quote(text == null ? null : redactor.apply(text));
  }

  /** A URL that the other side has named, see {@link Messages#url}. */
  public String url(URI named) {
    return redactor.apply(Messages.url(named));
  }

  /**
   * The method and URL for messages, without the query: that of a presigned URL is a secret (S16).
   */
  @Override
  public String toString() {
    return method + " " + url(uri);
  }
}
