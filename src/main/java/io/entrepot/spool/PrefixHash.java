package io.entrepot.spool;

import io.entrepot.oci.Digest;
import io.entrepot.oci.DigestVerifier;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * The hash of a blob while it arrives: of everything before the first byte that is missing. Whoever
 * writes at that place hashes from its own buffer. What others have written further ahead is read
 * back. One thread at a time hashes; the others leave it to that one. Thread-safe.
 */
final class PrefixHash {
  private final PartFile part;
  private final DigestVerifier verifier;
  private final long size;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile long hashed;

  /**
   * @param verifier has hashed what is there already
   * @param size of the blob, or {@link SpoolFile#UNKNOWN_SIZE}
   * @param hashed how many bytes that is
   */
  PrefixHash(PartFile part, DigestVerifier verifier, long size, long hashed) {
    this.part = part;
    this.verifier = verifier;
    this.size = size;
    this.hashed = hashed;
  }

  /** What the bytes must hash to. */
  Digest expected() {
    return verifier.expected();
  }

  /** How many bytes are hashed. */
  long hashed() {
    return hashed;
  }

  /**
   * Hashes what has become hashable, unless another thread does so now.
   *
   * @param bytes what this thread has just written
   * @param offset where it has written them
   * @param prefix up to where everything is there; it rises meanwhile
   */
  void follow(ByteBuffer bytes, long offset, LongSupplier prefix) throws IOException {
    while (prefix.getAsLong() > hashed && lock.tryLock()) {
      try {
        if (offset == hashed && prefix.getAsLong() > hashed) {
          update(bytes);
        }
        catchUp(prefix.getAsLong());
      } finally {
        lock.unlock();
      }
    }
  }

  /** Hashes bytes that the disk does not have. All before them is there. */
  void followUnkept(ByteBuffer bytes, long offset) throws IOException {
    lock.lock();
    try {
      catchUp(offset);
      update(bytes);
    } finally {
      lock.unlock();
    }
  }

  private void update(ByteBuffer bytes) {
    long end = hashed + bytes.remaining();
    verifier.update(bytes);
    hashed = end;
  }

  private void catchUp(long end) throws IOException {
    if (hashed < end) {
      part.feed(hashed, end, verifier);
      hashed = end;
    }
  }

  /** The digest of all bytes, which are all there. */
  Digest finish(long end) throws IOException {
    lock.lock();
    try {
      catchUp(end);
      return verifier.finish();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Notes how far the fill is, where that is due.
   *
   * @param here what is written
   * @throws IOException when the disk did not take what was written earlier
   */
  void note(Stretches here) throws IOException {
    if (lock.tryLock()) {
      try {
        part.note(here, hashed, size, verifier);
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * Notes how far the fill is, because it ends before its blob.
   *
   * @param here what is written
   * @throws IOException when the disk did not take what was written
   */
  void noteLast(Stretches here) throws IOException {
    lock.lock();
    try {
      part.noteLast(here, hashed, size, verifier);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until nothing is being noted.
   *
   * @throws IOException when the disk did not take what was written earlier
   */
  void settle() throws IOException {
    lock.lock();
    try {
      part.settle();
    } finally {
      lock.unlock();
    }
  }
}
