package io.entrepot.config;

import io.entrepot.catalog.Pin;
import java.util.List;

/**
 * Reads pins as people write them, in the same way as the setting {@code expiry.pins}. Immutable.
 *
 * @param patterns changes what was written to names in this cache
 */
public record PinSyntax(CanonicalPatterns patterns) {
  /**
   * Reads one.
   *
   * @return the pins that together match the intended repositories, by their names in this cache
   * @throws IllegalArgumentException with a hint, if it is none, or no repository can match
   */
  public List<Pin> parse(String text) {
    return patterns.of(Pin.parse(text)).toList();
  }
}
