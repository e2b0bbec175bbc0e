package io.entrepot.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClosingTest {
  private final Closing closing = new Closing();
  private final List<String> closed = new ArrayList<>();

  @Test
  void closesInTheOppositeOrder() {
    closing.add(() -> closed.add("first"));
    closing.add(() -> closed.add("second"));

    closing.close();

    assertThat(closed).containsExactly("second", "first");
  }

  @Test
  void closesEverythingWhateverAnyOfItThrows() {
    closing.add(() -> closed.add("first"));
    closing.add(
        () -> {
          throw new IOException("of the second");
        });
    closing.add(
        () -> {
          throw new NoClassDefFoundError("of the third");
        });

    closing.close();

    assertThat(closed).containsExactly("first");
  }
}
