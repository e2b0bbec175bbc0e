package io.entrepot.http;

import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many requests of one client address are answered at once, so that one client cannot take all
 * there is (S14). Thread-safe; remembers only addresses that have a request under way.
 */
public final class ClientLimit {
  /** A request under way ends soon, as a rule. */
  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  private final int max;
  private final ConcurrentHashMap<String, Integer> underWay = new ConcurrentHashMap<>();

  /**
   * @param max 0 for any number
   */
  public ClientLimit(int max) {
    this.max = max;
  }

  /**
   * Lets one more request in.
   *
   * @return to be run once when the request has ended
   * @throws OciException 429 where the client has as many under way as it may
   */
  Runnable enter(String address) {
    if (max == 0) {
      return () -> {};
    }
    if (underWay.merge(address, 1, Integer::sum) > max) {
      leave(address);
      throw new OciException(
          OciError.TOO_MANY_REQUESTS,
          max + " requests of this client are under way already, which is all it may have at once",
          RETRY_AFTER,
          null);
    }
    return () -> leave(address);
  }

  private void leave(String address) {
    underWay.computeIfPresent(address, (a, n) -> n == 1 ? null : n - 1);
  }

  /** How many addresses have a request under way. */
  int clients() {
    return underWay.size();
  }
}
