package io.entrepot.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ChunksTest {
  private final Chunks chunks = new Chunks();

  private List<Integer> takeAllLarge() {
    return Stream.generate(chunks::take).limit(Chunks.MAX_LARGE).toList();
  }

  @Test
  void fewPumpsHaveLargeOnes() {
    assertThat(takeAllLarge()).allMatch(chunk -> chunk == Chunks.LARGE);
  }

  @Test
  void herdHasSmallOnes() {
    takeAllLarge();

    assertThat(Stream.generate(chunks::take).limit(1000))
        .allMatch(chunk -> chunk == Chunks.SMALL);
  }

  @Test
  void pumpThatEndsLeavesALargeOneToTheNext() {
    List<Integer> taken = takeAllLarge();
    int small = chunks.take();

    chunks.release(small);
    assertThat(chunks.take()).isEqualTo(Chunks.SMALL);

    chunks.release(taken.get(0));
    assertThat(chunks.take()).isEqualTo(Chunks.LARGE);
    assertThat(chunks.take()).isEqualTo(Chunks.SMALL);
  }
}
