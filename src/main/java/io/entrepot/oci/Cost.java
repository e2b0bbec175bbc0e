package io.entrepot.oci;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What one client request costs: the number of upstream requests that it has caused, and the memory
 * that it holds. Also the caches that those requests come through. Thread-safe.
 */
public final class Cost {
  private final AtomicInteger requests = new AtomicInteger();
  private final Via via;
  private @Nullable Holding holding;

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

  /**
   * Begins work that uses bodies of upstreams after they were read. Only one such work at a time.
   *
   * @return must be closed when the work has ended
   */
  public synchronized Holding hold() {
    Holding begun = new Holding();
    holding = begun;
    return begun;
  }

  /**
   * Leaves memory to the work that is under way.
   *
   * @param release gives it back; run when the work has ended
   * @return false if there is no such work
   */
  public synchronized boolean keep(Runnable release) {
    if (holding == null) {
      return false;
    }
    holding.releases.add(release);
    return true;
  }

  private synchronized void end(Holding ended) {
    if (holding == ended) {
      holding = null;
    }
  }

  /** The memory that a work holds. */
  public final class Holding implements AutoCloseable {
    private final List<Runnable> releases = new ArrayList<>();

    private Holding() {}

    @Override
    public void close() {
      end(this);
      releases.forEach(Runnable::run);
      releases.clear();
    }
  }

  public void addRequest() {
    requests.incrementAndGet();
  }

  public int requests() {
    return requests.get();
  }
}
