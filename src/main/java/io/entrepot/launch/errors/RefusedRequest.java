package io.entrepot.launch.errors;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The answer to a request that the server refused by itself, as the registry API wants it. It says
 * nothing of the request, which may be anything.
 *
 * @param status the HTTP status
 * @param code the OCI error code
 * @param message one line for people, without a character that JSON must escape
 */
record RefusedRequest(int status, String code, String message) {
  static final String CONTENT_TYPE = "application/json";

  private static final RefusedRequest METHOD =
      new RefusedRequest(
          405, "UNSUPPORTED", "this method is not allowed: this registry is a read-only cache");

  /**
   * The answer for a status that the server chose.
   *
   * @param status 400 or more
   */
  static RefusedRequest of(int status) {
    return switch (status) {
      case 400 ->
          new RefusedRequest(
              status,
              "NAME_INVALID",
              "the server refused this request: its path or a header is malformed");
      case 401, 403 -> new RefusedRequest(status, "DENIED", "the server refused this request");
      case 404 -> new RefusedRequest(status, "UNSUPPORTED", "there is no such endpoint here");
      case 405 -> METHOD;
      case 503 ->
          new RefusedRequest(status, "UNAVAILABLE", "the server cannot answer now; try again");
      default ->
          status < 500
              ? new RefusedRequest(status, "UNSUPPORTED", "the server refused this request")
              : new RefusedRequest(status, "UNKNOWN", "the server failed; its log has the details");
    };
  }

  /** The headers besides Content-Type and Content-Length. */
  Map<String, String> headers() {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Docker-Distribution-Api-Version", "registry/2.0");
    headers.put("X-Content-Type-Options", "nosniff");
    if (status == METHOD.status()) {
      headers.put("Allow", "GET, HEAD");
    }
    return headers;
  }

  byte[] body() {
    return "{\"errors\":[{\"code\":\"%s\",\"message\":\"%s\"}]}"
        .formatted(code, message)
        .getBytes(US_ASCII);
  }
}
