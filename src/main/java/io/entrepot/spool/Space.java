package io.entrepot.spool;

import java.io.IOException;
import java.nio.file.FileStore;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The free space of the spool's disk, and how much of it is promised to fills. Many fills at once
 * cannot count on the same free gigabyte. Thread-safe.
 */
final class Space {
  /** The promise to a fill of unknown size doubles when it is used up, but grows within these. */
  private static final long MIN_STEP = 1L << 20;

  private static final long MAX_STEP = 64L << 20;

  private final FileStore disk;
  private final long reserve;
  private final AtomicLong promised = new AtomicLong();

  /**
   * @param reserve free bytes that are never promised
   */
  Space(FileStore disk, long reserve) {
    this.disk = disk;
    this.reserve = reserve;
  }

  /**
   * Promises what a fill is to write.
   *
   * @param from where in its blob it begins
   * @param to where it ends, as far as is known
   * @throws IOException when there is no room
   */
  Promise promise(long from, long to) throws IOException {
    claim(to - from);
    return new Promise(from, to);
  }

  private void claim(long wanted) throws IOException {
    long already = promised.getAndAdd(wanted);
    long usable;
    try {
      usable = disk.getUsableSpace();
    } catch (IOException e) {
      promised.addAndGet(-wanted);
      throw e;
    }
    if (usable - reserve - already < wanted) {
      promised.addAndGet(-wanted);
      throw new IOException(
          "no room for a fill of "
              + wanted
              + " bytes: "
              + usable
              + " are free, of which "
              + reserve
              + " are reserved and "
              + already
              + " promised to other fills");
    }
  }

  /**
   * The space of one fill, which grows where its size was not known. One thread covers and writes;
   * whoever closes the file releases.
   */
  final class Promise {
    private long written;
    private long to;

    private Promise(long from, long to) {
      this.written = from;
      this.to = to;
    }

    /**
     * Makes sure of the space up to an offset in the blob.
     *
     * @throws IOException when there is no room for it
     */
    synchronized void cover(long offset) throws IOException {
      if (offset > to) {
        long step = Math.max(MIN_STEP, Math.min(to, MAX_STEP));
        long end = Math.max(offset, to + step);
        claim(end - to);
        to = end;
      }
    }

    /** Tells that the disk holds the blob up to an offset, and counts that as used itself. */
    synchronized void wrote(long offset) {
      promised.addAndGet(written - offset);
      written = offset;
    }

    /** Gives back what was not written; to be called once. */
    synchronized void release() {
      promised.addAndGet(written - to);
    }
  }
}
