package io.entrepot.config;

import io.entrepot.catalog.Pin;
import java.util.List;

/**
 * Reads pins as people write them, in the same way as the setting {@code expiry.pins}. Immutable.
 */
public final class PinSyntax {
  private final CanonicalPatterns patterns;

  PinSyntax(CanonicalPatterns patterns) {
    this.patterns = patterns;
  }

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
