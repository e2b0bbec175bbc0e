package io.entrepot.oci;

import java.util.concurrent.atomic.AtomicInteger;

/** The number of upstream requests that one client request has caused. Thread-safe. */
public final class Cost {
  private final AtomicInteger requests = new AtomicInteger();

  public void addRequest() {
    requests.incrementAndGet();
  }

  public int requests() {
    return requests.get();
  }
}
