package io.entrepot.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.oci.RepositoryName;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What an upstream with a quota of 100 bytes may have here (F3). */
class UpstreamSpaceTest {
  private final AtomicLong counted = new AtomicLong();
  private Runnable whileCounting = () -> {};
  private final UpstreamSpace space =
      new UpstreamSpace(
          "quay.io",
          new StorageQuota(100, 90),
          () -> {
            long now = counted.get();
            whileCounting.run();
            return now;
          });

  @Test
  void whatIsStoredAndWhatFillsMayWriteIsNeverMore() throws IOException {
    UpstreamSpace.Claim first = space.claim(60);
    UpstreamSpace.Claim second = space.claim(40);
    assertNoRoom(1, "its quota is 100 bytes, of which its content takes 0 and other fills 100");
    first.keep(60);
    assertNoRoom(1, "of which its content takes 60 and other fills 40");
    first.release();
    assertNoRoom(1, "content takes 60");
    second.release();
    space.claim(40);
    assertNoRoom(1, "content takes 60");
  }

  @Test
  void contentLargerThanTheQuotaIsToldApart() {
    assertNoRoom(101, "no room for 101 bytes of quay.io: its quota is only 100 bytes");
  }

  @Test
  void fillOfUnknownSizeTakesNoMoreThanThereIs() throws IOException {
    UpstreamSpace.Claim fill = space.claim(0);
    assertThatThrownBy(() -> fill.cover(1)).hasMessageContaining("no room");
    UpstreamSpace large = new UpstreamSpace("quay.io", new StorageQuota(3 << 20, 90), counted::get);
    UpstreamSpace.Claim endless = large.claim(0);
    endless.cover(1);
    assertThat(large.promised()).isEqualTo(1 << 20);
    endless.keep(1);
    assertThat(large.promised()).isZero();
    assertThat(large.stored()).isEqualTo(1);
  }

  @Test
  void whatHasGoneIsSeenByTheNextCount() throws IOException {
    space.claim(80).keep(80);
    counted.set(30);
    assertNoRoom(30, "content takes 80");
    assertThat(space.excess(30, () -> 0)).isNegative();
    space.claim(70);
  }

  @Test
  void whatComesDuringACountIsNotForgotten() throws IOException {
    UpstreamSpace.Claim fill = space.claim(50);
    whileCounting = () -> fill.keep(50);
    assertThat(space.excess(0, () -> 0)).isNegative();
    assertNoRoom(51, "content takes 50");
  }

  @Test
  void roomIsMadeDownToTheLowWater() throws IOException {
    counted.set(95);
    assertThat(space.excess(0, () -> 0)).isEqualTo(5);
    assertThat(space.excess(20, () -> 0)).isEqualTo(15);
    assertThat(space.isNearlyFullWith(1)).isTrue();
  }

  @Test
  void onlyTheNamedUpstreamHasAQuota() throws IOException {
    Rooms rooms = new Rooms(new StorageQuota(200, 90), Map.of("quay.io", space));
    assertThat(rooms.claim(RepositoryName.of("docker.io/library/alpine"), 1000)).isNull();
    assertThat(rooms.claim(RepositoryName.of("quay.io/team/app"), 10)).isNotNull();
    assertThat(rooms.refusal("quay.io", 100)).isEmpty();
    assertThat(rooms.refusal("quay.io", 101)).contains("the quota of quay.io is only 100 bytes");
    assertThat(rooms.refusal("docker.io", 200)).isEmpty();
    assertThat(rooms.refusal("docker.io", 201)).contains("storage.quota is only 200 bytes");
  }

  private void assertNoRoom(long bytes, String why) {
    assertThatThrownBy(() -> space.claim(bytes))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(why);
  }
}
