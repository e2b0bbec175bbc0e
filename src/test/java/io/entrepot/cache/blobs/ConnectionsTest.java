package io.entrepot.cache.blobs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A fill of up to four connections. The test tells how fast bytes come. */
class ConnectionsTest {
  private static final int MIB = 1 << 20;

  private long nanos;
  private final Connections connections = new Connections(4, () -> nanos);

  /**
   * Returns whether another connection is added when so many bytes a second have come for a while.
   */
  private boolean isAddedAt(int mibPerSecond) {
    nanos += 250_000_000L;
    return connections.grown(mibPerSecond * MIB / 4);
  }

  @Test
  void oneIsAddedAsLongAsTheLastOneHasBroughtMore() {
    assertThat(isAddedAt(10)).isTrue();
    assertThat(isAddedAt(20)).isTrue();
    assertThat(isAddedAt(30)).isTrue();
    assertThat(isAddedAt(40)).as("there are four").isFalse();
  }

  @Test
  void oneThatBringsNothingIsTheLast() {
    assertThat(isAddedAt(10)).isTrue();
    assertThat(isAddedAt(11)).isFalse();
    assertThat(isAddedAt(11)).isFalse();
  }

  @Test
  void nothingIsAddedWhereOneBringsEnough() {
    assertThat(isAddedAt(100)).isFalse();
  }

  @Test
  void nothingIsDecidedBeforeARateIsMeasured() {
    nanos += 100_000_000L;
    assertThat(connections.grown(MIB)).isFalse();
  }

  @Test
  void oneThatHasEndedIsReplaced() {
    assertThat(isAddedAt(10)).isTrue();
    connections.ended();
    assertThat(isAddedAt(10)).isTrue();
    assertThat(isAddedAt(10)).isFalse();
  }

  @Test
  void nothingIsAddedAfterTheUpstreamHasRefusedOne() {
    assertThat(isAddedAt(10)).isTrue();
    connections.addNoMore();
    connections.ended();
    assertThat(isAddedAt(20)).isFalse();
  }

  @Test
  void oneConnectionIsTheEndOfIt() {
    assertThat(new Connections(1, () -> nanos).grown(MIB)).isFalse();
  }
}
