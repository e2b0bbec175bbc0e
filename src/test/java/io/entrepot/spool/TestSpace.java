package io.entrepot.spool;

import java.nio.file.FileStore;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileStoreAttributeView;

/** Makes spaces on disks that nobody writes to. */
public final class TestSpace {
  private TestSpace() {}

  /** On a disk that is far larger than the quota. */
  public static Space withQuota(long bytes, int lowWater) {
    return of(Long.MAX_VALUE / 2, 0, new StorageQuota(bytes, lowWater));
  }

  static Space of(long usable, long reserve, StorageQuota quota) {
    return new Space(new Disk(usable), reserve, quota);
  }

  /** A disk that nobody writes to. */
  private static final class Disk extends FileStore {
    private final long usable;

    Disk(long usable) {
      this.usable = usable;
    }

    @Override
    public long getUsableSpace() {
      return usable;
    }

    @Override
    public String name() {
      return "disk";
    }

    @Override
    public String type() {
      return "none";
    }

    @Override
    public boolean isReadOnly() {
      return false;
    }

    @Override
    public long getTotalSpace() {
      return usable;
    }

    @Override
    public long getUnallocatedSpace() {
      return usable;
    }

    @Override
    public boolean supportsFileAttributeView(Class<? extends FileAttributeView> type) {
      return false;
    }

    @Override
    public boolean supportsFileAttributeView(String name) {
      return false;
    }

    @Override
    public <V extends FileStoreAttributeView> V getFileStoreAttributeView(Class<V> type) {
      return null;
    }

    @Override
    public Object getAttribute(String attribute) {
      throw new UnsupportedOperationException(attribute);
    }
  }
}
