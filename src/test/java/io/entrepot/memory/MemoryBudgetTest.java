package io.entrepot.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.benmanes.caffeine.cache.Cache;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The budget of the heap and what is taken from it (S28). */
class MemoryBudgetTest {
  private static final long HEAP = 128L << 20;

  private final MemoryBudget budget = new MemoryBudget(HEAP);

  private long used(Share share) {
    return budget.usage().stream()
        .filter(usage -> usage.name().equals(share.label()))
        .mapToLong(MemoryBudget.Usage::used)
        .sum();
  }

  @Test
  void sharesAreThreeEighthsOfTheHeapAndAtMost512Mebibytes() {
    assertThat(budget.usage().stream().mapToLong(MemoryBudget.Usage::bytes).sum())
        .isEqualTo(48L << 20);
    assertThat(
            new MemoryBudget(64L << 30).usage().stream().mapToLong(MemoryBudget.Usage::bytes).sum())
        .isBetween(511L << 20, 512L << 20);
  }

  @Test
  void usageNamesEachShare() {
    assertThat(budget.usage())
        .hasSameSizeAs(Share.values())
        .contains(new MemoryBudget.Usage("tag-lists", 6L << 19, 0))
        .contains(new MemoryBudget.Usage("bodies", 12L << 20, 0));
  }

  @Test
  void cacheHoldsNoMoreThanItsShareHoweverLargeItsKeys() {
    Cache<String, String> cache =
        budget.cache(Share.REFUSALS, (key, value) -> Weight.of(key) + Weight.of(value));
    String large = "x".repeat(4096);

    for (int i = 0; i < 1_000; i++) {
      cache.put(large + i, large);
    }

    assertThat(used(Share.REFUSALS)).isBetween(900L << 10, 1L << 20);
    assertThat(cache.asMap()).hasSizeBetween(50, 64);
    cache.invalidateAll();
    assertThat(used(Share.REFUSALS)).isZero();
  }

  @Test
  void ownersDivideAShare() {
    MemoryBudget one = budget.forOneOf(3).forOneOf(2);
    Cache<Integer, Integer> cache = one.cache(Share.HEADS, (key, value) -> 1 << 10);
    Cache<Integer, Integer> other = one.cache(Share.HEADS, (key, value) -> 1 << 10);

    for (int i = 0; i < 1_000; i++) {
      cache.put(i, i);
      other.put(i, i);
    }

    assertThat(one.bytes(Share.HEADS)).isEqualTo((512 << 10) / 6);
    assertThat(cache.asMap()).hasSizeBetween(70, 85);
    assertThat(used(Share.HEADS)).isBetween(140L << 10, 170L << 10);
  }

  @Test
  void allowanceIsOneForAllOwners() {
    Allowance questions = budget.allowance(Share.QUESTIONS);

    assertThat(budget.forOneOf(5).allowance(Share.QUESTIONS)).isSameAs(questions);
    assertThat(questions.limit()).isEqualTo(3 << 20);
    assertThat(questions.take(1000)).isTrue();
    assertThat(used(Share.QUESTIONS)).isEqualTo(1000);
    assertThatThrownBy(() -> budget.allowance(Share.TOKENS))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void whatIsTakenMustFit() throws InterruptedException {
    Allowance ten = new Allowance(10);

    assertThat(List.of(ten.take(6), ten.take(5), ten.take(4))).containsExactly(true, false, true);
    assertThat(ten.take(1, Duration.ZERO)).isFalse();
    ten.giveBack(6);
    assertThat(ten.used()).isEqualTo(4);
    assertThat(ten.take(6, Duration.ZERO)).isTrue();
  }

  @Test
  void whatIsLargerThanAllTakesAll() {
    Allowance ten = new Allowance(10);

    assertThat(ten.take(1 << 30)).isTrue();
    assertThat(ten.used()).isEqualTo(10);
    assertThat(ten.take(1)).isFalse();
    ten.giveBack(1 << 30);
    assertThat(ten.used()).isZero();
  }
}
