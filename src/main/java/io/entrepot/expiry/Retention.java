package io.entrepot.expiry;

import io.entrepot.catalog.Pin;
import java.time.Duration;
import java.util.List;

/**
 * How long content stays.
 *
 * @param policies after how long the links of each repository expire
 * @param pins whose tags, and all that they lead to two levels down, never expire; at most 100,
 *     since the question about pins names each of them
 * @param unlinkGrace from the removal of the last link to that of the bytes; 0 to {@link
 *     Leases#RETRY}
 */
public record Retention(ExpiryPolicies policies, List<Pin> pins, Duration unlinkGrace) {
  private static final int MAX_PINS = 100;

  public Retention {
    pins = List.copyOf(pins);
    if (unlinkGrace.isNegative() || unlinkGrace.compareTo(Leases.RETRY) > 0) {
      throw new IllegalArgumentException(
          "an unlink grace of " + unlinkGrace + "; it must be from zero to " + Leases.RETRY);
    }
    if (pins.size() > MAX_PINS) {
      throw new IllegalArgumentException(pins.size() + " pins; at most " + MAX_PINS + " may be");
    }
  }
}
