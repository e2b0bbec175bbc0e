package io.entrepot.http;

import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import java.time.Duration;
import java.util.concurrent.Semaphore;

/**
 * A limit of the requests that may each hold a thread of the server while they wait for their
 * client. It leaves the other threads to the registry API (S25). Thread-safe.
 */
final class ThreadLimit {
  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  private final String what;
  private final Semaphore permits;
  private final ClientLimit clients;

  /**
   * Makes a limit.
   *
   * @param what what those requests are doing, for the message
   * @param max of all clients; less than the threads of a server by our configuration, which are
   *     200
   * @param maxPerClient of one client, so that it cannot keep the others out
   */
  ThreadLimit(String what, int max, int maxPerClient) {
    this.what = what;
    this.permits = new Semaphore(max);
    this.clients = new ClientLimit(maxPerClient);
  }

  /**
   * Admits one more request.
   *
   * @param address the address of the client
   * @return must be run once when the thread is free again
   * @throws OciException if too many hold a thread, of this client or of all
   */
  Runnable enter(String address) {
    Runnable leave = clients.enter(address);
    if (!permits.tryAcquire()) {
      leave.run();
      throw new OciException(
          OciError.UNAVAILABLE, "too many " + what + "; try again", RETRY_AFTER, null);
    }
    return () -> {
      permits.release();
      leave.run();
    };
  }
}
