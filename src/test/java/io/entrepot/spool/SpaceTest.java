package io.entrepot.spool;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileStoreAttributeView;
import org.junit.jupiter.api.Test;

/** What is promised of a disk with 100 MiB, of which 10 are reserved (F3). */
class SpaceTest {
  private static final long MIB = 1 << 20;

  private final Space space = new Space(new Disk(100 * MIB), 10 * MIB);

  @Test
  void nothingIsPromisedTwice() throws IOException {
    Space.Promise first = space.promise(0, 60 * MIB);
    assertNoRoom(() -> space.promise(0, 31 * MIB));
    space.promise(0, 30 * MIB);
    assertNoRoom(() -> space.promise(0, 1));
    first.release();
    space.promise(0, 60 * MIB);
  }

  @Test
  void fillThatGoesOnTakesOnlyItsRest() throws IOException {
    space.promise(500 * MIB, 590 * MIB);
    assertNoRoom(() -> space.promise(0, 1));
  }

  @Test
  void fillOfUnknownSizeDoesNotEatTheReserve() throws IOException {
    Space.Promise endless = space.promise(0, 0);
    for (long written = 0; written <= 64 * MIB; written += MIB / 2) {
      endless.cover(written);
    }
    assertNoRoom(() -> endless.cover(90 * MIB + 1));
    endless.release();
    space.promise(0, 90 * MIB);
  }

  @Test
  void smallBlobOfUnknownSizeNeedsLittle() throws IOException {
    space.promise(0, 89 * MIB);
    space.promise(0, 0).cover(1);
  }

  /** The disk counts them as used by then: here, one that nobody writes to shows the promise. */
  @Test
  void writtenBytesAreNoLongerPromised() throws IOException {
    Space.Promise fill = space.promise(0, 90 * MIB);
    assertNoRoom(() -> space.promise(0, 1));
    fill.wrote(30 * MIB);
    fill.wrote(60 * MIB);
    Space.Promise other = space.promise(0, 60 * MIB);
    assertNoRoom(() -> space.promise(0, 1));
    other.release();
    fill.release();
    space.promise(0, 90 * MIB);
    assertNoRoom(() -> space.promise(0, 1));
  }

  private static void assertNoRoom(org.assertj.core.api.ThrowableAssert.ThrowingCallable promise) {
    assertThatThrownBy(promise)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no room for a fill");
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
