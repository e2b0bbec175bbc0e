package io.entrepot.upstream.credentials;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.entrepot.oci.Json;
import io.entrepot.upstream.DockerHub;
import io.entrepot.upstream.Origin;
import java.io.IOException;
import java.net.URI;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The entry for one registry in Docker's {@code config.json}: a credential helper, the credentials
 * themselves, or nothing. Immutable; its {@code toString} shows no secret.
 *
 * @param server the name that Docker has for the registry
 * @param helper the name of its credential helper, empty for none
 * @param stored the credentials in the file itself
 */
record DockerConfig(String server, String helper, Credentials stored) {
  /** A usual one has 1 KiB; one for a thousand registries still fits. */
  static final int MAX_BYTES = 1 << 20;

  private static final int MAX_DEPTH = 16;

  /** The name of Docker Hub in this file and for helpers: its first one, of many. */
  private static final String HUB = "https://index.docker.io/v1/";

  /** What may follow the host in a key that is for the whole registry. */
  private static final Pattern API = Pattern.compile("/(v[12]/?)?$");

  private static final ObjectMapper JSON = Json.mapper(MAX_DEPTH);

  /**
   * Finds an upstream in the content of a {@code config.json}, by Docker's rules: its own helper in
   * {@code credHelpers} before the one for all in {@code credsStore} before {@code auths}.
   *
   * @throws IOException where it cannot be read; the message quotes nothing of it
   */
  static DockerConfig parse(byte[] content, URI upstream) throws IOException {
    JsonNode root;
    try {
      root = JSON.readTree(content);
    } catch (IOException e) {
      // Not the cause, which quotes the content.
      throw new IOException("it is not JSON, or nested too deep");
    }
    if (root == null || !root.isObject()) {
      throw new IOException("it is no JSON object");
    }
    String server = server(upstream);
    String helper = find(root.path("credHelpers"), upstream).asText("");
    if (helper.isEmpty()) {
      helper = root.path("credsStore").asText("");
    }
    return new DockerConfig(server, helper, credentials(find(root.path("auths"), upstream)));
  }

  /** What Docker calls an upstream when it asks a helper for it. */
  static String server(URI upstream) {
    String host = host(upstream);
    return DockerHub.HOSTS.contains(host) ? HUB : host;
  }

  private static String host(URI upstream) {
    return Origin.of(upstream).orElseThrow().authority();
  }

  /** The entry with the highest {@link #rank}, the first of several. */
  private static JsonNode find(JsonNode entries, URI upstream) {
    JsonNode best = JSON.missingNode();
    int highest = 0;
    for (Map.Entry<String, JsonNode> entry : entries.properties()) {
      int rank = rank(entry.getKey(), upstream);
      if (rank > highest) {
        highest = rank;
        best = entry.getValue();
      }
    }
    return best;
  }

  /**
   * How well a key fits an upstream; 0 if it is for another one. A key may have a path. Then it is
   * for what lies below that path, and the longest path fits best. Without one it is for the whole
   * registry. Among those, the name that Docker itself writes comes first.
   */
  private static int rank(String key, URI upstream) {
    if (key.equals(server(upstream))) {
      return 2;
    }
    String wanted = place(host(upstream) + upstream.getPath());
    String named = place(key.replaceFirst("(?i)^https?://", ""));
    boolean isAround = wanted.equals(named) || wanted.startsWith(named + "/");
    return !isAround ? 0 : named.indexOf('/') < 0 ? 1 : 2 + named.length();
  }

  /** Host and path in one form. All names of Docker Hub are the same host. */
  private static String place(String key) {
    int slash = key.indexOf('/') < 0 ? key.length() : key.indexOf('/');
    String host = key.substring(0, slash).toLowerCase(Locale.ROOT);
    String path = API.matcher(key.substring(slash)).replaceFirst("");
    return (DockerHub.HOSTS.contains(host) ? DockerHub.NAME : host) + path;
  }

  private static Credentials credentials(JsonNode entry) throws IOException {
    String identityToken = entry.path("identitytoken").asText("");
    if (!identityToken.isEmpty()) {
      return new Credentials.IdentityToken(identityToken);
    }
    String username = entry.path("username").asText("");
    String password = entry.path("password").asText("");
    String auth = entry.path("auth").asText("");
    if (!auth.isEmpty()) {
      String pair = decode(auth);
      int colon = pair.indexOf(':');
      if (colon < 0) {
        throw new IOException("an auth in it has no colon");
      }
      username = pair.substring(0, colon);
      password = pair.substring(colon + 1);
    }
    if (username.isEmpty() && password.isEmpty()) {
      return Credentials.ANONYMOUS;
    }
    try {
      return Credentials.of(username, password);
    } catch (IllegalArgumentException e) {
      throw new IOException("an entry in it cannot be used: " + e.getMessage(), e);
    }
  }

  private static String decode(String auth) throws IOException {
    try {
      // Some tools pad the password with zero bytes, which Docker cuts off too.
      return new String(Base64.getDecoder().decode(auth), UTF_8).replaceFirst("\0+$", "");
    } catch (IllegalArgumentException e) {
      // Not the cause, which quotes a character of it.
      throw new IOException("an auth in it is not Base64");
    }
  }
}
