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
  /** Less than the smallest number of threads that a server has by our configuration. */
  private static final int MAX = 16;

  /** Half of them, so that one client cannot keep all others out. */
  private static final int MAX_PER_CLIENT = 8;

  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  private final String what;
  private final Semaphore permits = new Semaphore(MAX);
  private final ClientLimit clients = new ClientLimit(MAX_PER_CLIENT);

  /**
   * Makes a limit.
   *
   * @param what what those requests are doing, for the message
   */
  ThreadLimit(String what) {
    this.what = what;
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
