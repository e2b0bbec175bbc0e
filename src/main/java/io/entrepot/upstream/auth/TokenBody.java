package io.entrepot.upstream.auth;

import io.entrepot.oci.ForeignJson;
import io.entrepot.oci.JsonValue;
import io.entrepot.oci.UnusableJsonException;
import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The fields of a token service's answer. Used by one thread. */
final class TokenBody implements JsonValue.Fields {
  /** The largest answer. A usual token has 4 KiB. */
  static final int MAX_BYTES = 64 << 10;

  private static final ForeignJson JSON = ForeignJson.upTo(MAX_BYTES);

  private static final Pattern SECONDS = Pattern.compile("(\\d{1,18})(?:\\.\\d+)?");

  private String token = "";
  private String accessToken = "";
  private long seconds;
  private String error = "";

  private TokenBody() {}

  /** Reads an answer with a token. */
  static TokenBody read(byte[] answer) throws UnusableJsonException {
    TokenBody body = new TokenBody();
    try {
      JSON.read(answer, root -> root.fields(body));
    } catch (UnusableJsonException e) {
      throw e;
    } catch (IOException e) {
      throw new IllegalStateException("bytes in memory cannot be read", e);
    }
    return body;
  }

  /** The error that an answer tells, such as {@code invalid_grant}; empty where it is not JSON. */
  static String error(byte[] answer) {
    try {
      return read(answer).error;
    } catch (UnusableJsonException e) {
      return "";
    }
  }

  @Override
  public void field(String name, JsonValue value) throws IOException {
    switch (name) {
      case "token" -> token = value.text();
      case "access_token" -> accessToken = value.text();
      case "expires_in" -> seconds = seconds(value);
      case "error" -> error = value.text();
      default -> {
        // Nothing else is needed.
      }
    }
  }

  /** Some services send the number as text or with a fraction. */
  private static long seconds(JsonValue value) throws IOException {
    Matcher whole = SECONDS.matcher(value.text());
    return whole.matches() ? Long.parseLong(whole.group(1)) : 0;
  }

  /** The token, or empty. */
  String token() {
    return token.isEmpty() ? accessToken : token;
  }

  /** For how many seconds it is valid; 0 where it does not say. */
  long seconds() {
    return seconds;
  }
}
