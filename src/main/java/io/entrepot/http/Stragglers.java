package io.entrepot.http;

import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds and drops clients that read too slowly (F17, S14, S25). A client is dropped if the server
 * has waited for it longer than {@code patience}, and it has read less than {@code floor} bytes a
 * second in that time. Only the time in which the server waits for the client is counted. So no
 * client is dropped because the upstream is slow. Thread-safe. Holds at most one entry for each
 * connection.
 */
public final class Stragglers {
  /** The {@code Retry-After} if there is no room. Clients that read make room within seconds. */
  private static final Duration RETRY_AFTER = Duration.ofSeconds(2);

  /** A client that reads is not waited for as long as this. */
  private static final long STUCK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final long floor;
  private final long patience;
  private final long room;
  private final LongSupplier nanoTime;
  private long inUse;
  private final Set<Watched> clients = ConcurrentHashMap.newKeySet();

  /**
   * Makes an empty set of clients.
   *
   * @param floor the slowest rate that is allowed, in bytes a second; 0 drops no client
   * @param patience how long the server waits for a client in all before its rate is checked
   * @param room how many bytes of bodies on the heap all clients may hold together
   * @param nanoTime the clock, as {@link System#nanoTime}
   */
  public Stragglers(long floor, Duration patience, long room, LongSupplier nanoTime) {
    this.floor = floor;
    this.patience = patience.toNanos();
    this.room = room;
    this.nanoTime = nanoTime;
  }

  /**
   * Adds a client. It is watched until it is {@linkplain Watched#close closed}.
   *
   * @param held how many bytes of its body are on the heap until then
   * @param drop ends the sending to the client; called at most once
   * @throws OciException with {@code UNAVAILABLE} if other clients, which do read, hold all room
   */
  Watched watch(long held, Drop drop) {
    Watched client = new Watched(held, drop);
    if (held > 0) {
      String reason = "the client does not read, and others need the memory for answers";
      makeRoom(held).forEach(stuck -> drop(stuck, reason));
    }
    clients.add(client);
    return client;
  }

  /**
   * Takes room for a body. If it is short, all clients lose theirs that have read nothing lately.
   *
   * @return the clients that have lost it
   */
  private synchronized List<Watched> makeRoom(long held) {
    List<Watched> stuck = List.of();
    if (inUse > 0 && inUse + held > room) {
      long now = nanoTime.getAsLong();
      stuck = clients.stream().filter(client -> client.isStuck(now)).toList();
      long left = inUse - stuck.stream().mapToLong(client -> client.held).sum();
      if (left > 0 && left + held > room) {
        throw noRoom();
      }
    }
    inUse += held;
    return stuck;
  }

  private synchronized void giveBack(long held) {
    inUse -= held;
  }

  private static OciException noRoom() {
    return new OciException(
        OciError.UNAVAILABLE,
        "too many large answers are being sent at this moment; try again",
        RETRY_AFTER,
        null);
  }

  private void drop(Watched client, String reason) {
    client.close();
    client.drop.drop(reason);
  }

  /** Drops the clients that are too slow. To be called several times within the patience. */
  public void check() {
    long now = nanoTime.getAsLong();
    for (Watched client : clients) {
      String reason = client.slowness(now);
      if (reason != null) {
        drop(client, reason);
      }
    }
  }

  /** Ends the sending to a client. Must not block. */
  interface Drop {
    void drop(String reason);
  }

  /** The watch over one client. It is either ready for more bytes, or the server waits for it. */
  final class Watched implements AutoCloseable {
    private final long held;
    private final Drop drop;
    private boolean awaited;
    private long awaitedSince;
    private long awaitedNanos;
    private long taken;

    private Watched(long held, Drop drop) {
      this.held = held;
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

    /** Whether the client holds room and has read nothing for some time. */
    private synchronized boolean isStuck(long now) {
      return held > 0 && awaited && now - awaitedSince >= STUCK_NANOS;
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
      if (clients.remove(this) && held > 0) {
        giveBack(held);
      }
    }
  }
}
