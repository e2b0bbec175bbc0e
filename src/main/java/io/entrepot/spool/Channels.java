package io.entrepot.spool;

import io.entrepot.oci.DigestVerifier;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What spool and store do with file channels in more than one place. */
public final class Channels {
  private static final Logger log = LoggerFactory.getLogger(Channels.class);

  private static final int FEED_CHUNK = 256 << 10;

  private Channels() {}

  /**
   * Reads from an offset, never past the watermark.
   *
   * @param offset below the watermark
   * @return how many bytes were read, 1 or more
   */
  public static int readBelow(FileChannel channel, ByteBuffer target, long offset, long watermark)
      throws IOException {
    int limit = target.limit();
    long room = Math.min(target.remaining(), watermark - offset);
    target.limit(target.position() + (int) room);
    try {
      int n = channel.read(target, offset);
      if (n <= 0) {
        throw new EOFException("the file ends at " + offset + ", before its " + watermark);
      }
      return n;
    } finally {
      target.limit(limit);
    }
  }

  /** Hashes the bytes from one offset up to another. */
  static void feed(FileChannel channel, long begin, long end, DigestVerifier verifier)
      throws IOException {
    feed(channel, begin, end, verifier::update);
  }

  /** Reads the bytes from one offset up to another. */
  static void feed(FileChannel channel, long begin, long end, Consumer<ByteBuffer> reader)
      throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(FEED_CHUNK);
    long at = begin;
    while (at < end) {
      chunk.clear();
      at += readBelow(channel, chunk, at, end);
      reader.accept(chunk.flip());
    }
  }

  static void writeFully(FileChannel channel, ByteBuffer bytes, long offset) throws IOException {
    long at = offset;
    while (bytes.hasRemaining()) {
      at += channel.write(bytes, at);
    }
  }

  /**
   * Makes a rename or a new entry in this folder survive a power cut. Where a folder cannot be
   * opened (Windows), the file system gives no such promise and nothing can be done.
   */
  public static void syncFolder(Path folder) throws IOException {
    if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  /** Closes a channel; a failure of that is logged. */
  public static void closeQuietly(FileChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      log.warn("Closing a file failed; its bytes are not affected", e);
    }
  }
}
