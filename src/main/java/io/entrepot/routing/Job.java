package io.entrepot.routing;

/**
 * A task that needs a connection to an upstream, such as a fill. {@link FairThreads} runs it, and
 * may ask it to give way to a job with a better claim.
 */
public interface Job extends Runnable {
  /** The client for which the job is done; see {@link io.entrepot.access.Client#network}. */
  String client();

  /**
   * Whether the job may take long, because much is to be fetched. May change while the job runs.
   */
  default boolean isLarge() {
    return false;
  }

  /** Whether a client still waits for the result. May change while the job waits or runs. */
  default boolean isWanted() {
    return true;
  }

  /** Whether {@link #giveWay} would end the job soon, and little would be lost. */
  default boolean canGiveWay() {
    return false;
  }

  /**
   * Asks the job to end soon. It may wait for another turn. Must not block; any thread calls it.
   */
  default void giveWay() {}

  /** Tells a waiting job that it will not run, because the threads are being closed. */
  default void drop() {}
}
