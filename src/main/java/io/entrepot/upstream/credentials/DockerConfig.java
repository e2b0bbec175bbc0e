package io.entrepot.upstream.credentials;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.oci.ForeignJson;
import io.entrepot.oci.JsonValue;
import io.entrepot.upstream.DockerHub;
import io.entrepot.upstream.Origin;
import java.io.IOException;
import java.net.URI;
import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
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

  /** The name of Docker Hub in this file and for helpers: its first one, of many. */
  private static final String HUB = "https://index.docker.io/v1/";

  /** What may follow the host in a key that is for the whole registry. */
  private static final Pattern API = Pattern.compile("/(v[12]/?)?$");

  private static final Set<String> LOGIN = Set.of("identitytoken", "username", "password", "auth");

  private static final ForeignJson JSON = ForeignJson.upTo(MAX_BYTES);

  /**
   * Finds an upstream in the content of a {@code config.json}, by Docker's rules: its own helper in
   * {@code credHelpers} before the one for all in {@code credsStore} before {@code auths}.
   *
   * @throws IOException where it cannot be read; the message quotes nothing of it
   */
  static DockerConfig parse(byte[] content, URI upstream) throws IOException {
    Entries entries = new Entries(upstream);
    try {
      JSON.read(content, root -> root.fields(entries));
    } catch (IOException e) {
      // Not the cause, which quotes the content.
      throw new IOException("it is no JSON object, or nested too deep");
    }
    return new DockerConfig(
        server(upstream),
        entries.helper.isEmpty() ? entries.helperOfAll : entries.helper,
        credentials(entries.login));
  }

  /** What Docker calls an upstream when it asks a helper for it. */
  static String server(URI upstream) {
    String host = host(upstream);
    return DockerHub.HOSTS.contains(host) ? HUB : host;
  }

  private static String host(URI upstream) {
    return Origin.of(upstream).orElseThrow().authority();
  }

  /** What the file says about one registry, collected while its JSON is read. */
  private static final class Entries implements JsonValue.Fields {
    private final URI upstream;
    private String helperOfAll = "";
    private String helper = "";
    private Map<String, String> login = Map.of();

    Entries(URI upstream) {
      this.upstream = upstream;
    }

    @Override
    public void field(String name, JsonValue value) throws IOException {
      switch (name) {
        case "credsStore" -> helperOfAll = value.text();
        case "credHelpers" -> find(value, entry -> helper = entry.text());
        case "auths" -> find(value, entry -> login = texts(entry));
        default -> {
          // Nothing else is needed.
        }
      }
    }

    /** Reads the entry with the highest {@link #rank}, the first of several, after lower ones. */
    private void find(JsonValue entries, JsonValue.Reading reading) throws IOException {
      AtomicInteger highest = new AtomicInteger();
      entries.fields(
          (key, entry) -> {
            int rank = rank(key, upstream);
            if (rank > highest.get()) {
              highest.set(rank);
              reading.read(entry);
            }
          });
    }

    private static Map<String, String> texts(JsonValue entry) throws IOException {
      Map<String, String> texts = new HashMap<>();
      entry.fields(
          (name, value) -> {
            if (LOGIN.contains(name)) {
              texts.put(name, value.text());
            }
          });
      return texts;
    }
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

  private static Credentials credentials(Map<String, String> entry) throws IOException {
    String identityToken = entry.getOrDefault("identitytoken", "");
    if (!identityToken.isEmpty()) {
      return new Credentials.IdentityToken(identityToken);
    }
    String username = entry.getOrDefault("username", "");
    String password = entry.getOrDefault("password", "");
    String auth = entry.getOrDefault("auth", "");
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
      // Not the cause, which quotes the user name: that may be anything.
      throw new IOException("an entry in it has no user name that can be used, or no password");
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
