package io.entrepot.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The content of a small file, read again when the file has changed. When it cannot be read or
 * parsed, as while somebody replaces it, the content of before stays. Thread-safe.
 */
public final class WatchedFile<T> {
  private static final Logger LOG = LoggerFactory.getLogger(WatchedFile.class);

  /** Parses the content of a file. */
  public interface Parser<T> {
    /**
     * Parses the content.
     *
     * @throws IOException where it cannot be parsed; the message quotes nothing of it
     */
    T parse(byte[] content) throws IOException;
  }

  /** Shows whether a file has changed: each way to replace a file changes one of these. */
  private record Stamp(FileTime modified, long size, @Nullable Object inode) {}

  private final Path path;
  private final int maxBytes;
  private final Parser<T> parser;
  private @Nullable Stamp stamp;
  private T value;
  private String trouble = "";

  /**
   * Reads it for the first time.
   *
   * @param maxBytes a larger file is not read
   * @throws IOException where that is not possible; the message names the file
   */
  public WatchedFile(Path path, int maxBytes, Parser<T> parser) throws IOException {
    this.path = path;
    this.maxBytes = maxBytes;
    this.parser = parser;
    this.stamp = stampNow();
    this.value = read();
  }

  public Path path() {
    return path;
  }

  /** The value now. Looks at the attributes of the file, and reads it only where they changed. */
  public synchronized T get() {
    Stamp now = stampNow();
    return now == null || now.equals(stamp) ? value : reread(now);
  }

  /** The value now, always read. Two changes within one tick of the clock look the same. */
  public synchronized T reread() {
    return reread(stampNow());
  }

  private T reread(@Nullable Stamp now) {
    stamp = now;
    try {
      T read = read();
      if (Objects.equals(now, stampNow())) {
        value = read;
        trouble = "";
      } else {
        stamp = null; // somebody writes it now: half a file may look like a whole one
      }
    } catch (IOException e) {
      String why = String.valueOf(e.getMessage());
      if (!why.equals(trouble)) {
        trouble = why;
        LOG.warn("{}; the content that was read before is still used", why);
      }
    }
    return value;
  }

  private T read() throws IOException {
    try (InputStream in = Files.newInputStream(path)) {
      byte[] content = in.readNBytes(maxBytes + 1);
      if (content.length > maxBytes) {
        throw new IOException("it is larger than " + maxBytes + " bytes");
      }
      return parser.parse(content);
    } catch (NoSuchFileException e) {
      throw new IOException("the file " + path + " cannot be read: there is no such file", e);
    } catch (IOException e) {
      throw new IOException("the file " + path + " cannot be read: " + e.getMessage(), e);
    }
  }

  private @Nullable Stamp stampNow() {
    try {
      BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
      return new Stamp(now.lastModifiedTime(), now.size(), now.fileKey());
    } catch (IOException e) {
      return null;
    }
  }
}
