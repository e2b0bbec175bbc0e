package io.entrepot.config;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Keys of docker/distribution's {@code config.yml} that are not settings of Entrepot. Most of them
 * are skipped with a warning, so that an existing file can be used without changes. A key that
 * promises a protection which Entrepot does not give is an error: skipped, it would leave open what
 * was closed before (S39).
 */
final class DistributionKeys {
  private static final Set<String> IGNORED =
      Set.of(
          "auth.none",
          "auth.token.autoredirect",
          "auth.token.autoredirectpath",
          "catalog",
          "compatibility",
          "health",
          "http.debug",
          "http.h2c",
          "http.http2",
          "http.net",
          "http.prefix",
          "http.relativeurls",
          "http.secret",
          "log.accesslog",
          "log.fields",
          "log.formatter",
          "log.hooks",
          "loglevel",
          "middleware.storage",
          "notifications",
          "policy",
          "redis",
          "reporting",
          "storage.cache",
          "storage.delete",
          "storage.filesystem.maxthreads",
          "storage.maintenance",
          "storage.redirect",
          "storage.tag",
          "validation.disabled",
          "validation.enabled",
          "validation.manifests.indexes",
          "version");

  private static final String CLIENTS =
      "Entrepot does not authenticate clients this way, so that it would not protect; take the key"
          + " out, and use a way of auth.* that Entrepot has, or let a reverse proxy or the network decide who reaches"
          + " this cache";
  private static final String SUITES =
      "Entrepot takes TLS 1.2 and 1.3 with AEAD suites, and no choice of these; take the key out, or"
          + " let a reverse proxy do TLS";
  private static final String CODE =
      "Entrepot runs no middleware, which could restrict what is pulled; take the key out, and see"
          + " proxy.allow and proxy.deny";

  /** What promises a protection, and what to do where it is in the file. */
  private static final Map<String, String> PROMISES =
      Map.of(
          "http.tls.ciphersuites",
          SUITES,
          "http.tls.clientauth",
          CLIENTS,
          "http.tls.clientcas",
          CLIENTS,
          "http.tls.letsencrypt",
          "Entrepot gets no certificates, so it would speak plain http; take the key out, and name"
              + " files in http.tls.certificate and http.tls.key",
          "http.tls.minimumtls",
          SUITES,
          "middleware.registry",
          CODE,
          "middleware.repository",
          CODE,
          "validation.manifests.urls",
          "Entrepot passes manifests on with the URLs in them; take the key out, and see proxy.deny");

  /** The least versions of TLS that are kept. */
  private static final Set<String> KEPT_TLS = Set.of("tls1.0", "tls1.1", "tls1.2");

  private static final String HEADERS = "http.headers.";

  /** Headers that protect browsers and that no answer has. */
  private static final Set<String> PROTECTING_HEADERS =
      Set.of(
          "cross-origin-embedder-policy",
          "cross-origin-opener-policy",
          "cross-origin-resource-policy",
          "permissions-policy",
          "referrer-policy",
          "x-frame-options",
          "x-permitted-cross-domain-policies",
          "x-xss-protection");

  private static final List<String> DRIVERS =
      List.of("azure", "cos", "gcs", "inmemory", "oss", "rados", "s3", "s3aws", "swift");

  private DistributionKeys() {}

  /** Whether a key is skipped, with all keys below it, or refused. */
  static boolean has(String key) {
    return IGNORED.contains(key)
        || (key.startsWith("auth.") && !isOurs(key))
        || key.startsWith(HEADERS)
        || PROMISES.containsKey(key)
        || isDriver(key);
  }

  /**
   * The error for a key that cannot be skipped; empty for all other keys.
   *
   * @param value the texts at and below the key; blank where there is none
   */
  static Optional<String> refusal(String key, String value) {
    if (isDriver(key)) {
      String driver = key.substring(key.indexOf('.') + 1);
      return Optional.of("Entrepot has no storage driver " + driver + ", only filesystem");
    }
    if (key.startsWith("auth.") && !IGNORED.contains(key)) {
      return Optional.of(CLIENTS);
    }
    if (key.startsWith(HEADERS)) {
      String header = key.substring(HEADERS.length()).toLowerCase(Locale.ROOT);
      return PROTECTING_HEADERS.contains(header) && !value.isBlank()
          ? Optional.of(
              "Entrepot does not send this header; take the key out, and let a reverse proxy send it")
          : Optional.empty();
    }
    boolean kept =
        value.isBlank() || (key.equals("http.tls.minimumtls") && KEPT_TLS.contains(value));
    return kept ? Optional.empty() : Optional.ofNullable(PROMISES.get(key));
  }

  /** Whether it is a setting of ours, or a section with some. */
  private static boolean isOurs(String key) {
    return OidcTable.has(key)
        || Stream.of(AccessTable.ALL, OidcTable.ALL, ForeignLoginTable.ALL)
            .flatMap(List::stream)
            .anyMatch(setting -> setting.key().equals(key) || setting.key().startsWith(key + "."));
  }

  private static boolean isDriver(String key) {
    return DRIVERS.stream().anyMatch(driver -> key.equals("storage." + driver));
  }
}
