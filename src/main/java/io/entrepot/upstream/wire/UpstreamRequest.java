package io.entrepot.upstream.wire;

import io.entrepot.upstream.Messages;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP request.
 *
 * @param headers without {@code Authorization}, which depends on the origin it is sent to
 * @param form the body of a POST, or null
 */
public record UpstreamRequest(
    String method, URI uri, Map<String, String> headers, @Nullable String form) {

  public static UpstreamRequest get(URI uri) {
    return new UpstreamRequest("GET", uri, Map.of(), null);
  }

  public static UpstreamRequest head(URI uri) {
    return new UpstreamRequest("HEAD", uri, Map.of(), null);
  }

  public static UpstreamRequest post(URI uri, String form) {
    return new UpstreamRequest("POST", uri, Map.of(), form);
  }

  public UpstreamRequest with(String header, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(header, value);
    return new UpstreamRequest(method, uri, Map.copyOf(more), form);
  }

  /** The same request to another URL, with its method and body. */
  public UpstreamRequest at(URI other) {
    return new UpstreamRequest(method, other, headers, form);
  }

  /**
   * The method and URL for messages, without the query: that of a presigned URL is a secret (S16).
   */
  @Override
  public String toString() {
    return method + " " + Messages.url(uri);
  }
}
