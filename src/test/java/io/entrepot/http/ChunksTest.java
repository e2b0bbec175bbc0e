package io.entrepot.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ChunksTest {
  private static final long HEAP = 64 * Chunks.LARGE;

  private static final long MANY = Long.MAX_VALUE;

  private final Chunks chunks = new Chunks(HEAP);

  @Test
  void noMoreThanASmallShareOfTheHeapIsInLargePieces() {
    assertThat(chunks.join(MANY)).isEqualTo(Chunks.LARGE);
    assertThat(chunks.join(MANY)).isEqualTo(Chunks.LARGE);
    assertThat(chunks.join(MANY)).isEqualTo(Chunks.SMALL);
  }

  @Test
  void clientOfFewBytesGetsNoLargeBuffer() {
    assertThat(chunks.join(Chunks.SMALL)).isEqualTo(Chunks.SMALL);
    assertThat(chunks.join(Chunks.SMALL)).isEqualTo(Chunks.SMALL);
    assertThat(chunks.join(Chunks.SMALL + 1)).isEqualTo(Chunks.LARGE);
    assertThat(chunks.join(MANY)).isEqualTo(Chunks.LARGE);
  }

  @Test
  void onlyAClientWithALargeBufferFreesOneWhenItLeaves() {
    int first = chunks.join(MANY);
    chunks.join(MANY);
    int third = chunks.join(MANY);
    chunks.leave(third);
    assertThat(chunks.join(MANY)).isEqualTo(Chunks.SMALL);
    chunks.leave(first);
    assertThat(chunks.join(MANY)).isEqualTo(Chunks.LARGE);
  }

  @Test
  void bufferIsLentAgainOnlyForItsSize() {
    byte[] room = chunks.borrow(Chunks.LARGE);
    chunks.giveBack(room);
    assertThat(chunks.borrow(Chunks.SMALL)).hasSize(Chunks.SMALL);
    assertThat(chunks.borrow(Chunks.LARGE)).isSameAs(room);
    assertThat(chunks.borrow(Chunks.LARGE)).isNotSameAs(room).hasSize(Chunks.LARGE);
  }
}
