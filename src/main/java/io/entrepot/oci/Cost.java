package io.entrepot.oci;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * The number of upstream requests that one client request has caused, and the caches that they come
 * through. Thread-safe.
 */
public final class Cost {
  private final AtomicInteger requests = new AtomicInteger();
  private final Via via;

  public Cost() {
    this(Via.NONE);
  }

  /**
   * Makes the cost of a new client request.
   *
   * @param via the caches that its upstream requests name in {@code Via}
   */
  public Cost(Via via) {
    this.via = via;
  }

  /** The caches that the upstream requests come through. */
  public Via via() {
    return via;
  }

  /** The cost of work beside the client request, which has caused no request yet. */
  public Cost beside() {
    return new Cost(via);
  }

  public void addRequest() {
    requests.incrementAndGet();
  }

  public int requests() {
    return requests.get();
  }
}
