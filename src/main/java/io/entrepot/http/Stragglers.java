package io.entrepot.http;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The watch over clients that are slow to take their bytes (F17, S14). One that is waited for
 * longer than patience allows, and has taken less than the floor rate in that time, is dropped.
 * Only the time in which a client is waited for counts: nobody pays for a slow upstream.
 * Thread-safe; knows no more clients than there are connections.
 */
public final class Stragglers {
  private final long floor;
  private final long patience;
  private final LongSupplier nanoTime;
  private final Set<Client> clients = ConcurrentHashMap.newKeySet();

  /**
   * Watches from now on, by {@link #check}.
   *
   * @param floor bytes a second; 0 drops nobody
   * @param patience how long is waited for a client before its rate is looked at
   */
  public Stragglers(long floor, Duration patience, LongSupplier nanoTime) {
    this.floor = floor;
    this.patience = patience.toNanos();
    this.nanoTime = nanoTime;
  }

  /**
   * Watches one more client until it is {@linkplain Client#close closed}.
   *
   * @param drop told why; called at most once, by {@link #check}
   */
  Client watch(Drop drop) {
    Client client = new Client(drop);
    if (floor > 0) {
      clients.add(client);
    }
    return client;
  }

  /** Drops who is too slow. To be called some times within the patience. */
  public void check() {
    long now = nanoTime.getAsLong();
    for (Client client : clients) {
      String why = client.slowness(now);
      if (why != null) {
        client.close();
        client.drop.drop(why);
      }
    }
  }

  /** What ends the sending to a client. Must not block. */
  interface Drop {
    void drop(String why);
  }

  /** One client, which is waited for or not. */
  final class Client implements AutoCloseable {
    private final Drop drop;
    private boolean awaited;
    private long awaitedSince;
    private long awaitedNanos;
    private long taken;

    private Client(Drop drop) {
      this.drop = drop;
    }

    /** The server has taken so many bytes for it. */
    synchronized void took(int bytes) {
      taken += bytes;
    }

    /** No more bytes can be given to it for now. */
    synchronized void isAwaited() {
      if (!awaited) {
        awaited = true;
        awaitedSince = nanoTime.getAsLong();
      }
    }

    /** It can be given more. */
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
        return "the client took %d bytes in %.0f s of waiting for it".formatted(taken, seconds);
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
