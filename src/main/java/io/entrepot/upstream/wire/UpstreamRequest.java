package io.entrepot.upstream.wire;

import io.entrepot.upstream.Messages;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP request to be sent.
 *
 * @param headers without Authorization, which depends on where the request ends up
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

  UpstreamRequest at(URI other) {
    return new UpstreamRequest(method, other, headers, form);
  }

  /** The request line for a message: without the query, which may be a presigned secret (S16). */
  @Override
  public String toString() {
    return method + " " + Messages.url(uri);
  }
}
