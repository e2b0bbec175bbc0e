package io.entrepot.routing;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The status of an upstream.
 *
 * @param name the name that clients use
 * @param offline whether the upstream is set to offline: no request is ever sent
 * @param registries the upstream's own registry, then its mirrors; empty if it is offline
 */
public record UpstreamStatus(String name, boolean offline, List<OfRegistry> registries) {
  public UpstreamStatus {
    registries = List.copyOf(registries);
  }

  /** Whether a request would be sent now: the breaker of at least one registry is not open. */
  public boolean isReachable() {
    return registries.stream().anyMatch(registry -> !registry.breaker().equals("open"));
  }

  /**
   * The status of a registry.
   *
   * @param url the URL of the registry
   * @param breaker {@code closed}, {@code half_open} or {@code open}
   * @param restSeconds for how many more seconds no request is sent, rounded up; 0 unless the
   *     breaker is open
   * @param trouble why the registry cannot be used, or null
   * @param rateLimit the limit of requests that the registry last announced, or null
   */
  public record OfRegistry(
      String url,
      String breaker,
      long restSeconds,
      @Nullable String trouble,
      @Nullable RateLimit rateLimit) {}

  /**
   * A limit of requests that a registry has announced.
   *
   * @param limit how many requests are allowed in a window, or null if unknown
   * @param remaining how many requests are left
   * @param source the address or account whose requests are counted, or null
   * @param seenAt when it was announced, in ISO 8601
   * @param scarce whether the remaining requests are used only for content that is not stored
   */
  public record RateLimit(
      @Nullable Long limit,
      long remaining,
      @Nullable String source,
      String seenAt,
      boolean scarce) {}
}
