package io.entrepot.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the bytes of a spool file are: on the disk, in one or more stretches. When the disk fails,
 * the rest goes through a bounded window in memory, from the first missing byte on: clients are
 * served and nothing is kept (F3, F4). Any thread writes, but no two write the same bytes. The
 * monitor guards which stretches are there, and whether the disk keeps them.
 */
final class SpoolBytes {
  /** How long a reader of a blob that cannot be kept may stand still before it is left behind. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Logger log = LoggerFactory.getLogger(SpoolBytes.class);

  private final PartFile part;
  private final Readers readers;
  private volatile Stretches here;
  private volatile @Nullable Tail tail;

  /**
   * @param readers those who read through the window, where there is one
   * @param here what the disk has already
   */
  SpoolBytes(PartFile part, Readers readers, Stretches here) {
    this.part = part;
    this.readers = readers;
    this.here = here;
    this.tail = part.isOpen() ? null : new Tail(0, PATIENCE);
  }

  /** What is there. */
  Stretches here() {
    return here;
  }

  /** Whether it is all on disk. */
  boolean canBeKept() {
    return tail == null;
  }

  /**
   * Writes to the disk.
   *
   * @return false if the disk has failed
   */
  boolean write(ByteBuffer bytes, long offset) throws IOException {
    if (tail != null) {
      return false;
    }
    int length = bytes.remaining();
    try {
      part.write(bytes, offset);
    } catch (ClosedChannelException e) {
      throw e; // the application stops; the disk is well
    } catch (IOException e) {
      giveUpDisk(e);
    }
    synchronized (this) {
      if (tail == null) {
        here = here.with(offset, offset + length);
      }
      return tail == null;
    }
  }

  /**
   * Adds to the window, which waits for its readers. Only after the disk has failed, and only the
   * first missing bytes.
   */
  void writeUnkept(ByteBuffer bytes, long offset) throws IOException {
    Tail window = tail;
    if (window == null || offset != here.prefix()) {
      throw new IllegalStateException("the window of " + part.path() + " is not at " + offset);
    }
    int length = bytes.remaining();
    window.append(bytes);
    synchronized (this) {
      here = here.with(offset, offset + length);
    }
  }

  /** What is further ahead does not count any more: one stream alone can go through the window. */
  void giveUpDisk(IOException why) {
    Tail window;
    synchronized (this) {
      if (tail != null) {
        return;
      }
      here = Stretches.upTo(here.prefix());
      window = new Tail(here.prefix(), PATIENCE);
      tail = window; // first, so that a reader that joins now finds it
    }
    log.error("Writing {} failed: its blob is served but not kept", part.path(), why);
    part.refuse(why);
    readers.forEach(window::admit);
  }

  /**
   * Reads for a reader.
   *
   * @param end up to where it may read, after {@code offset}
   */
  int read(ByteBuffer target, long offset, long end) throws IOException {
    Tail window = tail;
    if (window == null) {
      return part.read(target, offset, end);
    }
    if (!window.holds(offset)) {
      return part.read(target, offset, Math.min(end, window.begin()));
    }
    long arrived = Math.min(end, here.prefix()); // the disk may have just failed
    return offset < arrived ? window.read(target, offset, arrived) : 0;
  }

  /** Lets a reader follow. Returns false if bytes that it needs were not kept. */
  boolean admit(SpoolReader reader) {
    Tail window = tail;
    return window == null || window.admit(reader);
  }

  /** A reader has moved on. */
  void moved() {
    Tail window = tail;
    if (window != null) {
      window.moved();
    }
  }

  void leave(SpoolReader reader) {
    Tail window = tail;
    if (window != null) {
      window.leave(reader);
    }
  }
}
