package io.entrepot.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.BitSet;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class StretchesTest {
  private final Stretches two = Stretches.upTo(10).with(20, 30);

  @Test
  void neighboursBecomeOne() {
    assertThat(two.with(10, 15)).hasToString("0-14 20-29");
    assertThat(two.with(15, 20)).hasToString("0-9 15-29");
    assertThat(two.with(10, 20)).hasToString("0-29");
    assertThat(two.with(12, 18)).hasToString("0-9 12-17 20-29");
    assertThat(two.with(30, 31)).hasToString("0-9 20-30");
    assertThat(Stretches.NONE.with(5, 6).with(0, 1)).hasToString("0-0 5-5");
  }

  @Test
  void nothingIsAddedTwice() {
    assertThatThrownBy(() -> two.with(9, 12)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> two.with(15, 21)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> two.with(22, 23)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> two.with(12, 40)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> two.with(10, 21)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void thereAreNoMoreThanSixtyFour() {
    Stretches many = Stretches.NONE;
    for (int i = 0; i < Stretches.MAX; i++) {
      many = many.with(2L * i, 2L * i + 1);
    }
    Stretches full = many;
    assertThatThrownBy(() -> full.with(1000, 1001)).isInstanceOf(IllegalStateException.class);
    assertThat(full.with(1, 2).count()).isEqualTo(Stretches.MAX - 1);
  }

  /** Each answer is that of a set of bytes. */
  @Property(tries = 300)
  void answersAreThoseOfASetOfBytes(
      @ForAll @Size(max = 30) List<@IntRange(max = 99) Integer> begins,
      @ForAll @IntRange(min = 1, max = 9) int length) {
    BitSet bytes = new BitSet();
    Stretches here = Stretches.NONE;
    for (int begin : begins) {
      if (bytes.get(begin, begin + length).isEmpty()) {
        bytes.set(begin, begin + length);
        here = here.with(begin, begin + length);
      }
    }
    assertThat(here.bytes()).isEqualTo(bytes.cardinality());
    assertThat(here.prefix()).isEqualTo(bytes.nextClearBit(0));
    for (int at = 0; at < 110; at++) {
      assertThat(here.endFrom(at)).isEqualTo(bytes.nextClearBit(at));
      int gap = bytes.nextClearBit(at);
      int next = bytes.nextSetBit(gap);
      assertThat(here.nextAfter(gap)).isEqualTo(next < 0 ? Long.MAX_VALUE : next);
    }
  }
}
