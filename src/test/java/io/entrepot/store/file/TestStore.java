package io.entrepot.store.file;

import io.entrepot.memory.MemoryBudget;
import io.entrepot.spool.DataFolder;
import io.entrepot.spool.Space;
import io.entrepot.spool.Spool;
import io.entrepot.spool.StorageQuota;
import java.io.IOException;
import java.nio.file.Path;

/** A blob store in files with its spool, on a folder of a test's. */
public record TestStore(DataFolder folder, Spool spool, FileBlobStore store)
    implements AutoCloseable {
  /** With all of the disk, fills that may go on, and syncs on the fill's own thread. */
  public static TestStore open(Path root) throws IOException {
    return open(root, 0, true);
  }

  public static TestStore open(Path root, long reserve, boolean resumable) throws IOException {
    return open(root, reserve, resumable, StorageQuota.NONE);
  }

  /** With a quota. */
  public static TestStore open(Path root, long reserve, boolean resumable, StorageQuota quota)
      throws IOException {
    DataFolder folder = DataFolder.open(root);
    Spool spool = Spool.open(folder, new Spool.Limits(reserve, quota), resumable, Runnable::run);
    return new TestStore(folder, spool, new FileBlobStore(folder, spool, MemoryBudget.ofHeap()));
  }

  /** What its files take. */
  public Space space() {
    return spool.space();
  }

  @Override
  public void close() throws IOException {
    folder.close();
  }
}
