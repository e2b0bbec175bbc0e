package io.entrepot.admin;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Locale;

/**
 * The header {@code Accept} of a request for metrics (RFC 9110, 12.5.1).
 *
 * @param ranges its media ranges, each with its parameters
 */
record Accept(List<String> ranges) {
  private static final String OPEN_METRICS = "application/openmetrics-text";

  /** Longer headers are cut off: no scraper sends so many ranges. */
  private static final int MAX_RANGES = 20;

  static Accept of(HttpServletRequest request) {
    Enumeration<String> values = request.getHeaders("Accept");
    return of(values == null ? List.of() : Collections.list(values));
  }

  static Accept of(List<String> values) {
    return new Accept(
        values.stream()
            .flatMap(value -> List.of(value.split(",", MAX_RANGES)).stream())
            .limit(MAX_RANGES)
            .toList());
  }

  /**
   * Whether OpenMetrics is named, and is wanted at least as much as the older format. Who does not
   * name it does not know it.
   */
  boolean prefersOpenMetrics() {
    double open = quality(OPEN_METRICS);
    return open > 0 && open >= quality("text/plain");
  }

  /** The largest weight of a media type that is named; 0 if it is not. */
  private double quality(String type) {
    return ranges.stream()
        .map(range -> range.toLowerCase(Locale.ROOT).split(";"))
        .filter(parts -> parts.length > 0 && parts[0].strip().equals(type))
        .mapToDouble(Accept::quality)
        .max()
        .orElse(0);
  }

  private static double quality(String[] parts) {
    for (String part : parts) {
      String parameter = part.strip();
      if (parameter.startsWith("q=")) {
        String weight = parameter.substring(2);
        return weight.matches("[01](\\.\\d{0,3})?") ? Double.parseDouble(weight) : 0;
      }
    }
    return 1;
  }
}
