package io.entrepot.http;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds and drops clients that read too slowly (F17, S14). A client is dropped if the server has
 * waited for it longer than {@code patience}, and it has read less than {@code floor} bytes a
 * second in that time. Only the time in which the server waits for the client is counted. So no
 * client is dropped because the upstream is slow. Thread-safe. Holds at most one entry for each
 * connection.
 */
public final class Stragglers {
  private final long floor;
  private final long patience;
  private final LongSupplier nanoTime;
  private final Set<Watched> clients = ConcurrentHashMap.newKeySet();

  /**
   * Makes an empty set of clients.
   *
   * @param floor the slowest rate that is allowed, in bytes a second; 0 drops no client
   * @param patience how long the server waits for a client in all before its rate is checked
   * @param nanoTime the clock, as {@link System#nanoTime}
   */
  public Stragglers(long floor, Duration patience, LongSupplier nanoTime) {
    this.floor = floor;
    this.patience = patience.toNanos();
    this.nanoTime = nanoTime;
  }

  /**
   * Adds a client. It is watched until it is {@linkplain Watched#close closed}.
   *
   * @param drop ends the sending to the client; called at most once, by {@link #check}
   */
  Watched watch(Drop drop) {
    Watched client = new Watched(drop);
    if (floor > 0) {
      clients.add(client);
    }
    return client;
  }

  /** Drops the clients that are too slow. To be called several times within the patience. */
  public void check() {
    long now = nanoTime.getAsLong();
    for (Watched client : clients) {
      String reason = client.slowness(now);
      if (reason != null) {
        client.close();
        client.drop.drop(reason);
      }
    }
  }

  /** Ends the sending to a client. Must not block. */
  interface Drop {
    void drop(String reason);
  }

  /** The watch over one client. It is either ready for more bytes, or the server waits for it. */
  final class Watched implements AutoCloseable {
    private final Drop drop;
    private boolean awaited;
    private long awaitedSince;
    private long awaitedNanos;
    private long taken;

    private Watched(Drop drop) {
      this.drop = drop;
    }

    /** To be called when the server has accepted bytes for the client. */
    synchronized void took(int bytes) {
      taken += bytes;
    }

    /** To be called when the client is not ready for more bytes: the wait for it begins. */
    synchronized void isAwaited() {
      if (!awaited) {
        awaited = true;
        awaitedSince = nanoTime.getAsLong();
      }
    }

    /** To be called when the client is ready for more bytes: the wait ends. */
    synchronized void isReady() {
      if (awaited) {
        awaited = false;
        awaitedNanos += nanoTime.getAsLong() - awaitedSince;
      }
    }

    private synchronized @Nullable String slowness(long now) {
      long waited = awaitedNanos + (awaited ? now - awaitedSince : 0);
      if (waited < patience) {
        return null;
      }
      double seconds = (double) waited / TimeUnit.SECONDS.toNanos(1);
      if (taken < floor * seconds) {
        return "the client is too slow: it read %d bytes while this cache waited %.0f s for it"
            .formatted(taken, seconds);
      }
      taken = 0;
      awaitedNanos = 0;
      awaitedSince = now;
      return null;
    }

    @Override
    public void close() {
      clients.remove(this);
    }
  }
}
