package io.entrepot.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Keys of docker/distribution's {@code config.yml} that are no settings here. They are accepted, so
 * that such a file can be used as it is.
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
  private static final Map<String, String> IGNORED_WITH_CARE =
      Map.of(
          "auth", "is ignored: Entrepot does not ask clients who they are",
          "http.tls.clientcas", "is ignored: Entrepot does not ask clients who they are");
  private static final List<String> DRIVERS =
      List.of("azure", "cos", "gcs", "inmemory", "oss", "rados", "s3", "s3aws", "swift");

  private DistributionKeys() {}

  /** The warning for a section that is skipped; empty if {@code key} is not one of these. */
  static Optional<String> warning(String key) {
    if (IGNORED.contains(key)) {
      return Optional.of("is ignored: Entrepot has no such setting");
    }
    return Optional.ofNullable(IGNORED_WITH_CARE.get(key));
  }

  /** The error for a section that cannot be skipped; empty if {@code key} is not one of these. */
  static Optional<String> refusal(String key) {
    return DRIVERS.stream()
        .filter(driver -> key.equals("storage." + driver))
        .map(driver -> "Entrepot has no storage driver " + driver + ", only filesystem")
        .findFirst();
  }
}
