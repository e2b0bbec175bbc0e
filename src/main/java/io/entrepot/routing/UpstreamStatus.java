package io.entrepot.routing;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How one upstream stands.
 *
 * @param name as clients name it
 * @param offline whether it is never asked
 * @param registries its own first, then its mirrors; none of an offline one
 */
public record UpstreamStatus(String name, boolean offline, List<Registry> registries) {
  public UpstreamStatus {
    registries = List.copyOf(registries);
  }

  /** Whether a question would be sent now: not all its registries are being spared. */
  public boolean isReachable() {
    return registries.stream().anyMatch(registry -> !registry.breaker().equals("open"));
  }

  /**
   * One registry.
   *
   * @param breaker {@code closed}, {@code half_open} or {@code open}
   * @param restSeconds for how long it is not asked yet, rounded up; 0 unless the breaker is open
   * @param trouble why it cannot be used, or null
   * @param rateLimit what it said of its limit of requests, or null
   */
  public record Registry(
      String url,
      String breaker,
      long restSeconds,
      @Nullable String trouble,
      @Nullable RateLimit rateLimit) {}

  /**
   * A limit of requests.
   *
   * @param limit of requests in a window, or null where it is not told
   * @param source whom it counts, or null
   * @param seenAt when it was told, in ISO 8601
   * @param scarce whether what is left is saved for what is not here
   */
  public record RateLimit(
      @Nullable Long limit,
      long remaining,
      @Nullable String source,
      String seenAt,
      boolean scarce) {}
}
