package io.entrepot.http;

import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A limit of the requests that one client address may have at once, so that one client cannot use
 * up the server (S14). Thread-safe. Holds only the addresses that have an unfinished request.
 */
public final class ClientLimit {
  /** As many as pull one blob at once behind one address, which this cache is for. */
  public static final int MOST = 1_024;

  /**
   * What a waiting request holds of the heap, in bytes: its buffers in the server, and as much
   * again for everything else. Measured with Tomcat and 128 MiB.
   */
  private static final long HEAP_PER_REQUEST = 256 << 10;

  /** Short, because most requests end soon. */
  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  private final int max;
  private final ConcurrentHashMap<String, Integer> unfinished = new ConcurrentHashMap<>();

  /**
   * Makes a limit.
   *
   * @param max requests of an address at once; 0 for no limit
   */
  public ClientLimit(int max) {
    this.max = max;
  }

  /**
   * How many requests of one client a server bears that does not limit its connections by its heap
   * itself.
   *
   * @param heap its largest size in bytes
   */
  public static int ofHeap(long heap) {
    return (int) Math.min(MOST, heap / HEAP_PER_REQUEST);
  }

  /**
   * Admits one more request.
   *
   * @param address the address of the client
   * @return must be run once when the request has ended
   * @throws OciException with status 429 if the client has reached the limit
   */
  Runnable enter(String address) {
    if (max == 0) {
      return () -> {};
    }
    if (unfinished.merge(address, 1, Integer::sum) > max) {
      leave(address);
      throw new OciException(
          OciError.TOO_MANY_REQUESTS,
          "this client already has "
              + max
              + " unfinished requests, and more are not allowed at once",
          RETRY_AFTER,
          null);
    }
    return () -> leave(address);
  }

  private void leave(String address) {
    unfinished.computeIfPresent(address, (a, n) -> n == 1 ? null : n - 1);
  }

  /** The number of addresses that have an unfinished request. */
  int clients() {
    return unfinished.size();
  }
}
