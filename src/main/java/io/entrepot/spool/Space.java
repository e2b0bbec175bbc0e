package io.entrepot.spool;

import java.io.IOException;
import java.nio.file.CopyOption;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The space that this cache may use, and how much of it is promised to fills. Many fills at once
 * cannot count on the same free gigabyte. What is in files and what is promised never exceed the
 * quota together. Thread-safe.
 */
public final class Space implements Room {
  /** The promise to a fill of unknown size doubles when it is used up, but grows within these. */
  private static final long MIN_STEP = 1L << 20;

  private static final long MAX_STEP = 64L << 20;

  private final FileStore disk;
  private final long reserve;
  private final StorageQuota quota;
  private final AtomicLong promised = new AtomicLong();
  private final AtomicLong stored = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();

  /**
   * Begins without files.
   *
   * @param reserve free bytes that are never promised
   */
  Space(FileStore disk, long reserve, StorageQuota quota) {
    this.disk = disk;
    this.reserve = reserve;
    this.quota = quota;
  }

  /**
   * Promises what a fill is to write.
   *
   * @param from where in its blob it begins
   * @param to where it ends, as far as is known
   * @throws IOException when there is no room
   */
  Promise promise(long from, long to) throws IOException {
    return promise(from, from, to, null);
  }

  /**
   * As {@link #promise(long, long)}, for a file that may have holes, and for an upstream that may
   * have a quota.
   *
   * @param written how many bytes are in the file, and counted
   * @param length how long the file is
   * @param upstream what the upstream has promised; released if there is no room
   */
  Promise promise(long written, long length, long to, UpstreamSpace.@Nullable Claim upstream)
      throws IOException {
    try {
      claim(to - written);
      return new Promise(written, length, to, upstream);
    } catch (IOException e) {
      if (upstream != null) {
        upstream.release();
      }
      throw e;
    }
  }

  private synchronized void claim(long wanted) throws IOException {
    if (missing(wanted) > 0) {
      refused.incrementAndGet();
      throw new IOException("no room for a fill of %d bytes: %s".formatted(wanted, reason(wanted)));
    }
    promised.addAndGet(wanted);
  }

  private String reason(long wanted) throws IOException {
    if (quota.isSet() && wanted > quota.bytes()) {
      return "storage.quota is only %d bytes".formatted(quota.bytes());
    }
    return missingInQuota(wanted) > 0
        ? "storage.quota is %d bytes, of which files take %d and other fills %d"
            .formatted(quota.bytes(), stored.get(), promised.get())
        : "%d are free, of which %d are reserved and %d promised to other fills"
            .formatted(disk.getUsableSpace(), reserve, promised.get());
  }

  @Override
  public long missing(long wanted) throws IOException {
    return Math.max(missingInQuota(wanted), missingOnDisk(wanted));
  }

  private long missingInQuota(long wanted) {
    return quota.isSet() ? wanted - (quota.bytes() - used()) : Long.MIN_VALUE;
  }

  private long missingOnDisk(long wanted) throws IOException {
    return wanted - (disk.getUsableSpace() - reserve - promised.get());
  }

  @Override
  public boolean isNearlyFullWith(long wanted) {
    return quota.isSet() && used() + wanted > quota.high();
  }

  @Override
  public long excess(long wanted, LongSupplier held) throws IOException {
    long onDisk = missingOnDisk(wanted);
    long forDisk =
        onDisk > 0 ? Math.max(onDisk, held.getAsLong() / 100 * (100 - quota.lowWater())) : 0;
    long forQuota = quota.isSet() ? Math.max(missingInQuota(wanted), used() - quota.low()) : 0;
    return Math.max(forDisk, forQuota);
  }

  @Override
  public StorageQuota quota() {
    return quota;
  }

  /** What files and promises take. */
  private long used() {
    return stored.get() + promised.get();
  }

  /** What files take, in bytes. Only where a quota is set. */
  public long stored() {
    return stored.get();
  }

  /** What is promised to fills and not yet written, in bytes. */
  public long promised() {
    return promised.get();
  }

  /** How often a fill found no room, so that its blob was not kept. */
  public long refused() {
    return refused.get();
  }

  /**
   * Counts a whole file that is to come, of which the disk may have the bytes already.
   *
   * @throws IOException when the quota has no room for it
   */
  synchronized void admit(long size) throws IOException {
    if (missingInQuota(size) > 0) {
      throw new IOException("no room for a file of %d bytes: %s".formatted(size, reason(size)));
    }
    taken(size);
  }

  /** Tells that a file has come, or has grown. */
  public void taken(long bytes) {
    stored.addAndGet(bytes);
  }

  /**
   * Deletes a file if it is there, and counts that it has gone.
   *
   * @return how many bytes it had; 0 if it was not there
   */
  public long delete(Path file) throws IOException {
    long size = sizeOf(file);
    if (!Files.deleteIfExists(file)) {
      return 0;
    }
    freed(size);
    return size;
  }

  /**
   * Moves a file, and counts that the one whose place it takes has gone.
   *
   * @return how many bytes that one had; 0 if there was none
   */
  public long move(Path file, Path target, CopyOption how) throws IOException {
    long before = sizeOf(target);
    Files.move(file, target, how);
    freed(before);
    return before;
  }

  /** The bytes of a file; 0 for what is absent or no file. */
  public static long sizeOf(Path path) throws IOException {
    return Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) ? Files.size(path) : 0;
  }

  /** Tells that a file has gone, or has shrunk. */
  public void freed(long bytes) {
    stored.addAndGet(-bytes);
  }

  /**
   * The space of one fill, which grows where its size was not known. Whoever closes the file
   * releases.
   */
  final class Promise {
    private long written;
    private long length;
    private long to;
    private final UpstreamSpace.@Nullable Claim upstream;

    private Promise(long written, long length, long to, UpstreamSpace.@Nullable Claim upstream) {
      this.written = written;
      this.length = length;
      this.to = to;
      this.upstream = upstream;
    }

    /**
     * Makes sure of the space up to an offset in the blob.
     *
     * @throws IOException when there is no room for it
     */
    synchronized void cover(long offset) throws IOException {
      if (upstream != null) {
        upstream.cover(offset);
      }
      if (offset > to) {
        long step = Math.max(MIN_STEP, Math.min(to, MAX_STEP));
        long end = Math.max(offset, to + step);
        claim(end - to);
        to = end;
      }
    }

    /** Tells that the disk holds so many bytes more, and counts them as used. */
    synchronized void wrote(long offset, int bytes) {
      taken(bytes); // first, so that nothing is free in between
      promised.addAndGet(-bytes);
      written += bytes;
      length = Math.max(length, offset + bytes);
    }

    /** The blob is stored, and its upstream has it. */
    synchronized void keep() {
      if (upstream != null) {
        upstream.keep(written);
      }
    }

    /**
     * Gives back what was not written; to be called once. A file is deleted by its length, so what
     * is missing in it counts as used from now on.
     */
    synchronized void release() {
      promised.addAndGet(written - to);
      taken(length - written);
      if (upstream != null) {
        upstream.release();
      }
    }
  }
}
