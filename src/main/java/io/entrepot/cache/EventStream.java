package io.entrepot.cache;

import io.entrepot.spool.BlobSource;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The events for one client, which it reads as they come ({@code text/event-stream}). What it has
 * not read yet has a limit. A client that lets it be reached is dropped. Thread-safe.
 */
public final class EventStream implements BlobSource {
  /** How much may wait for the client: some hundred events. */
  public static final int MAX_WAITING = 64 << 10;

  private final ByteBuffer waiting = ByteBuffer.allocate(MAX_WAITING);
  private Runnable parked = EventStream::nobody;
  private Runnable drop = EventStream::nobody;
  private boolean ended;
  private boolean dropped;
  private boolean released;

  private static void nobody() {}

  /** Sets what ends the sending to a client that does not read. */
  public void onDrop(Runnable action) {
    synchronized (this) {
      drop = action;
      if (!dropped) {
        return;
      }
    }
    action.run();
  }

  /**
   * Adds an event.
   *
   * @param json on one line
   */
  public void send(String name, String json) {
    add("event: " + name + "\ndata: " + json + "\n\n");
  }

  /** Adds a comment, which shows each side and what is between them that the other one is there. */
  public void beat() {
    add(":\n\n");
  }

  private void add(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    Runnable next;
    synchronized (this) {
      if (isOver()) {
        return;
      }
      if (bytes.length <= waiting.remaining()) {
        waiting.put(bytes);
        next = wake();
      } else {
        dropped = true;
        next = drop;
      }
    }
    next.run();
  }

  /** Ends the stream when the client has read what waits. */
  public void end() {
    Runnable next;
    synchronized (this) {
      ended = true;
      next = wake();
    }
    next.run();
  }

  /** Whether no event is sent any more. */
  public synchronized boolean isOver() {
    return ended || dropped || released;
  }

  private Runnable wake() {
    Runnable next = parked;
    parked = EventStream::nobody;
    return next;
  }

  @Override
  public long available() {
    return Long.MAX_VALUE;
  }

  /** As a blob of unknown size: -1 at the end. */
  @Override
  public synchronized int read(ByteBuffer target, long offset) {
    if (waiting.position() == 0) {
      return ended ? -1 : 0;
    }
    waiting.flip();
    int n = Math.min(waiting.remaining(), target.remaining());
    target.put(waiting.slice(0, n));
    waiting.position(n);
    waiting.compact();
    return n;
  }

  @Override
  public void park(long offset, Runnable wake) {
    synchronized (this) {
      if (waiting.position() == 0 && !ended) {
        parked = wake;
        return;
      }
    }
    wake.run();
  }

  @Override
  public synchronized void release() {
    released = true;
    parked = EventStream::nobody;
    drop = EventStream::nobody;
  }
}
