package io.entrepot.spool;

import java.io.IOException;
import java.util.function.LongSupplier;

/**
 * The bytes that one upstream may have here, and how many of them are taken: by what its
 * repositories have, and by its fills. What several upstreams have counts for each of them.
 *
 * <p>What is stored is counted where room is needed. Between two counts, only what comes is added.
 * So it may be less than is noted here, and is never more. Thread-safe.
 */
public final class UpstreamSpace implements Room {
  /** A fill of unknown size gets its bytes in steps of this size. */
  private static final long STEP = 1L << 20;

  private final String upstream;
  private final StorageQuota quota;
  private final LongSupplier count;
  private volatile RoomMaker roomMaker = RoomMaker.NONE;
  private long stored;
  private long storedSinceCount;
  private long promised;

  /**
   * Counts what is stored.
   *
   * @param upstream its name, for messages
   * @param count counts the bytes that its repositories have; may query the database
   */
  public UpstreamSpace(String upstream, StorageQuota quota, LongSupplier count) {
    this.upstream = upstream;
    this.quota = quota;
    this.count = count;
    this.stored = count.getAsLong();
  }

  /** Asks from now on for room where there is none. */
  public void makeRoomBy(RoomMaker maker) {
    roomMaker = maker;
  }

  RoomMaker roomMaker() {
    return roomMaker;
  }

  @Override
  public StorageQuota quota() {
    return quota;
  }

  /** What is stored, as it was counted last, with what has come since. */
  public synchronized long stored() {
    return stored;
  }

  /** What is promised to fills, in bytes. */
  public synchronized long promised() {
    return promised;
  }

  @Override
  public synchronized long missing(long wanted) {
    return wanted - (quota.bytes() - stored - promised);
  }

  @Override
  public synchronized boolean isNearlyFullWith(long wanted) {
    return stored + promised + wanted > quota.high();
  }

  /** Counts again before. One thread at a time calls it. */
  @Override
  public long excess(long wanted, LongSupplier held) {
    synchronized (this) {
      storedSinceCount = 0;
    }
    long counted = count.getAsLong();
    synchronized (this) {
      stored = counted + storedSinceCount;
      return Math.max(missing(wanted), stored + promised - quota.low());
    }
  }

  /**
   * Promises bytes to content that is to come.
   *
   * @throws IOException when there is no room
   */
  public Claim claim(long bytes) throws IOException {
    promise(bytes);
    return new Claim(bytes);
  }

  private synchronized void promise(long bytes) throws IOException {
    if (missing(bytes) > 0) {
      throw new IOException(
          "no room for %d bytes of %s: ".formatted(bytes, upstream)
              + (bytes > quota.bytes()
                  ? "its quota is only %d bytes".formatted(quota.bytes())
                  : "its quota is %d bytes, of which its content takes %d and other fills %d"
                      .formatted(quota.bytes(), stored, promised)));
    }
    promised += bytes;
  }

  private synchronized void give(long bytes, long kept) {
    promised -= bytes;
    stored += kept;
    storedSinceCount += kept;
  }

  /** What is promised to one content. It ends by {@link #keep} or {@link #release}. */
  public final class Claim {
    private long bytes;

    private Claim(long bytes) {
      this.bytes = bytes;
    }

    /**
     * Makes sure of the bytes up to an offset.
     *
     * @throws IOException when there is no room for them
     */
    synchronized void cover(long offset) throws IOException {
      if (offset > bytes) {
        long more = Math.max(offset - bytes, STEP);
        promise(more);
        bytes += more;
      }
    }

    /** The content is stored, and a repository of the upstream has it. */
    public synchronized void keep(long size) {
      give(bytes, size);
      bytes = 0;
    }

    /** Gives the bytes back, unless the content was kept. */
    public synchronized void release() {
      give(bytes, 0);
      bytes = 0;
    }
  }
}
