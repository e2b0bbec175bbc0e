package io.entrepot.database;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileSystemException;
import org.h2.store.fs.FileBaseDefault;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;
import org.h2.store.fs.retry.FilePathRetryOnInterrupt;

/**
 * The file system below the embedded database, which refuses writes while it is told to (F3, F4).
 */
public final class RefusingDisk extends FilePathWrapper implements AutoCloseable {
  private static volatile boolean refusing;
  private static volatile boolean refused;
  private static volatile boolean readOnly;

  /** H2 makes one for each path; who wants one for a test calls {@link #install}. */
  public RefusingDisk() {}

  /** Puts it below every database that is opened until it is closed. */
  public static RefusingDisk install() {
    refusing = false;
    readOnly = false;
    RefusingDisk disk = new RefusingDisk();
    FilePath.register(disk);
    return disk;
  }

  public void refuse() {
    refused = false;
    refusing = true;
  }

  /** Refuses writes, and to open a file for writing, as a disk does after an error (F27). */
  public void becomeReadOnly() {
    refuse();
    readOnly = true;
  }

  /** Whether a write has been refused since it was told to. */
  public boolean hasRefused() {
    return refused;
  }

  public void accept() {
    refusing = false;
    readOnly = false;
  }

  @Override
  public void close() {
    accept();
    FilePath.register(new FilePathRetryOnInterrupt());
  }

  @Override
  public String getScheme() {
    return "retry";
  }

  private static String reason() {
    return readOnly ? "Read-only file system" : "No space left on device";
  }

  @Override
  public FileChannel open(String mode) throws IOException {
    if (readOnly && !mode.equals("r")) {
      throw new FileSystemException(getBase().toString(), null, reason());
    }
    return new RefusingFile(getBase().open(mode));
  }

  @Override
  public OutputStream newOutputStream(boolean append) throws IOException {
    if (refusing) {
      throw new IOException(reason());
    }
    return super.newOutputStream(append);
  }

  private static final class RefusingFile extends FileBaseDefault {
    private final FileChannel file;

    RefusingFile(FileChannel file) {
      this.file = file;
    }

    @Override
    public synchronized int read(ByteBuffer target, long position) throws IOException {
      return file.read(target, position);
    }

    @Override
    public synchronized int write(ByteBuffer source, long position) throws IOException {
      if (refusing) {
        refused = true;
        throw new IOException(reason());
      }
      return file.write(source, position);
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public void force(boolean metaData) throws IOException {
      file.force(metaData);
    }

    @Override
    protected void implTruncate(long size) throws IOException {
      file.truncate(size);
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) throws IOException {
      return file.tryLock(position, size, shared);
    }

    @Override
    protected void implCloseChannel() throws IOException {
      file.close();
    }
  }
}
