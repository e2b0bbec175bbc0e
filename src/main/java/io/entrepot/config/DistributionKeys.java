package io.entrepot.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Keys of docker/distribution's {@code config.yml} that are not settings of Entrepot. Most of them
 * are skipped with a warning, so that an existing file can be used without changes.
 */
final class DistributionKeys {
  private static final Set<String> IGNORED =
      Set.of(
          "catalog",
          "compatibility",
          "health",
          "http.debug",
          "http.h2c",
          "http.headers",
          "http.http2",
          "http.net",
          "http.prefix",
          "http.relativeurls",
          "http.secret",
          "http.tls.ciphersuites",
          "http.tls.letsencrypt",
          "http.tls.minimumtls",
          "log",
          "loglevel",
          "middleware",
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
          "validation",
          "version");
  private static final Map<String, String> IGNORED_SECURITY =
      Map.of(
          "auth",
          "is ignored: Entrepot does not authenticate clients",
          "http.tls.clientcas",
          "is ignored: Entrepot does not authenticate clients");
  private static final List<String> DRIVERS =
      List.of("azure", "cos", "gcs", "inmemory", "oss", "rados", "s3", "s3aws", "swift");

  private DistributionKeys() {}

  /** The warning for a key that is skipped; empty for all other keys. */
  static Optional<String> warning(String key) {
    if (IGNORED.contains(key)) {
      return Optional.of("is ignored: Entrepot has no such setting");
    }
    return Optional.ofNullable(IGNORED_SECURITY.get(key));
  }

  /** The error for a key that cannot be skipped; empty for all other keys. */
  static Optional<String> refusal(String key) {
    return DRIVERS.stream()
        .filter(driver -> key.equals("storage." + driver))
        .map(driver -> "Entrepot has no storage driver " + driver + ", only filesystem")
        .findFirst();
  }
}
