package io.entrepot.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ChunksTest {
  private static final long HEAP = 64 * Chunks.LARGE;

  private final Chunks chunks = new Chunks(HEAP);

  @Test
  void noMoreThanASmallShareOfTheHeapIsInLargePieces() {
    assertThat(chunks.join()).isEqualTo(Chunks.LARGE);
    assertThat(chunks.join()).isEqualTo(Chunks.LARGE);
    assertThat(chunks.join()).isEqualTo(Chunks.SMALL);
  }

  @Test
  void whoLeavesMakesRoomForALargeOneOnlyIfItHadOne() {
    int first = chunks.join();
    chunks.join();
    int third = chunks.join();
    chunks.leave(third);
    assertThat(chunks.join()).isEqualTo(Chunks.SMALL);
    chunks.leave(first);
    assertThat(chunks.join()).isEqualTo(Chunks.LARGE);
  }

  @Test
  void whatIsGivenBackIsLentAgainToOneOfThatSizeOnly() {
    byte[] room = chunks.borrow(Chunks.LARGE);
    chunks.giveBack(room);
    assertThat(chunks.borrow(Chunks.SMALL)).hasSize(Chunks.SMALL);
    assertThat(chunks.borrow(Chunks.LARGE)).isSameAs(room);
    assertThat(chunks.borrow(Chunks.LARGE)).isNotSameAs(room).hasSize(Chunks.LARGE);
  }
}
