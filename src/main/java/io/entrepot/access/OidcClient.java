package io.entrepot.access;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * This cache as an OpenID Connect provider knows it, for logins on the web pages.
 *
 * @param id its name there
 * @param secret its password there; empty if it has none
 * @param scopes what it asks the provider to tell of a person
 */
public record OidcClient(String id, String secret, List<String> scopes) {
  public OidcClient {
    scopes = List.copyOf(scopes);
  }

  /** What it shows the token endpoint (RFC 6749, 2.3.1); empty if it has no password. */
  Optional<String> authorization() {
    String pair = encoded(id) + ":" + encoded(secret);
    return secret.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "Basic "
                + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.US_ASCII)));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return "client " + id;
  }
}
