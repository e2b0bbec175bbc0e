package io.entrepot.oci;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The JSON of an error of the administrative API (RFC 9457).
 *
 * @param title the name of the status, such as {@code Not Found}
 * @param status the HTTP status
 * @param code the same code that the registry API has for this error, or null
 * @param detail one sentence for people
 */
public record Problem(
    String title,
    int status,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String code,
    String detail) {
  /** The media type. */
  public static final String TYPE = "application/problem+json";

  private static final Map<Integer, String> TITLES =
      Map.ofEntries(
          Map.entry(400, "Bad Request"),
          Map.entry(401, "Unauthorized"),
          Map.entry(403, "Forbidden"),
          Map.entry(404, "Not Found"),
          Map.entry(405, "Method Not Allowed"),
          Map.entry(406, "Not Acceptable"),
          Map.entry(409, "Conflict"),
          Map.entry(413, "Content Too Large"),
          Map.entry(415, "Unsupported Media Type"),
          Map.entry(429, "Too Many Requests"),
          Map.entry(500, "Internal Server Error"),
          Map.entry(503, "Service Unavailable"));

  /** An error without a code of the registry API. */
  public static Problem of(int status, String detail) {
    return new Problem(TITLES.getOrDefault(status, "Error"), status, null, detail);
  }

  /** An error that the registry API has too. */
  public static Problem of(OciException failure) {
    int status = failure.error().status();
    String title = TITLES.getOrDefault(status, "Error");
    return new Problem(title, status, failure.code(), String.valueOf(failure.getMessage()));
  }
}
