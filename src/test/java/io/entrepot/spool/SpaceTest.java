package io.entrepot.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** What is promised of a disk with 100 MiB, of which 10 are reserved (F3). */
class SpaceTest {
  private static final long MIB = 1 << 20;

  private final Space space = TestSpace.of(100 * MIB, 10 * MIB, StorageQuota.NONE);

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
    fill.wrote(0, (int) (30 * MIB));
    fill.wrote(30 * MIB, (int) (30 * MIB));
    Space.Promise other = space.promise(0, 60 * MIB);
    assertNoRoom(() -> space.promise(0, 1));
    other.release();
    fill.release();
    space.promise(0, 90 * MIB);
    assertNoRoom(() -> space.promise(0, 1));
  }

  /** What files take and what is promised never exceed the quota together. */
  @Test
  void quotaCountsFilesAndPromises() throws IOException {
    Space quota = TestSpace.withQuota(100 * MIB, 90);
    quota.taken(30 * MIB);
    Space.Promise fill = quota.promise(0, 50 * MIB);
    assertNoRoom(() -> quota.promise(0, 20 * MIB + 1));
    fill.wrote(0, (int) (50 * MIB));
    fill.release();
    assertThat(quota.stored()).isEqualTo(80 * MIB);
    assertThat(quota.promised()).isZero();
    assertNoRoom(() -> quota.promise(0, 20 * MIB + 1));
    assertThat(quota.refused()).isEqualTo(2);

    quota.freed(10 * MIB);
    quota.promise(0, 30 * MIB);
  }

  @Test
  void messageNamesTheQuota() {
    Space quota = TestSpace.withQuota(100, 90);
    quota.taken(60);

    assertThatThrownBy(() -> quota.promise(0, 41))
        .hasMessage(
            "no room for a fill of 41 bytes: storage.quota is 100 bytes, of which files take 60 and"
                + " other fills 0");
  }

  @Test
  void moreGoesThanAFillNeeds() throws IOException {
    Space quota = TestSpace.withQuota(100 * MIB, 90);
    quota.taken(96 * MIB);

    assertThat(quota.isNearlyFullWith(0)).isTrue();
    assertThat(quota.missing(5 * MIB)).isEqualTo(MIB);
    assertThat(quota.excess(5 * MIB, () -> 0)).isEqualTo(6 * MIB);
    assertThat(quota.excess(30 * MIB, () -> 0)).isEqualTo(26 * MIB);
  }

  /** Without a quota, the free space of the disk alone counts. */
  @Test
  void ofAFullDiskATenthOfAllBlobsGoesAtLeast() throws IOException {
    assertThat(space.missing(91 * MIB)).isEqualTo(MIB);
    assertThat(space.excess(91 * MIB, () -> 500 * MIB)).isEqualTo(50 * MIB);
    assertThat(space.excess(90 * MIB, () -> 500 * MIB)).isZero();
  }

  private static void assertNoRoom(org.assertj.core.api.ThrowableAssert.ThrowingCallable promise) {
    assertThatThrownBy(promise)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no room for a fill");
  }
}
