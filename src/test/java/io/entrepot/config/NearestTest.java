package io.entrepot.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class NearestTest {
  @Test
  void distanceCountsInsertedRemovedAndReplacedCharacters() {
    assertThat(Nearest.distance("", "")).isZero();
    assertThat(Nearest.distance("", "abc")).isEqualTo(3);
    assertThat(Nearest.distance("abc", "")).isEqualTo(3);
    assertThat(Nearest.distance("kitten", "sitting")).isEqualTo(3);
    assertThat(Nearest.distance("proxy.tll", "proxy.ttl")).isEqualTo(1);
  }

  @Property(tries = 200)
  void distanceIsSymmetricAndZeroForEqualsOnly(
      @ForAll @StringLength(max = 20) String a, @ForAll @StringLength(max = 20) String b) {
    assertThat(Nearest.distance(a, b)).isEqualTo(Nearest.distance(b, a));
    assertThat(Nearest.distance(a, b) == 0).isEqualTo(a.equals(b));
  }

  @Test
  void suggestsOnlyWhatIsNear() {
    List<String> known = List.of("proxy.ttl", "proxy.expire");
    assertThat(Nearest.suggestion("proxy.tl", known)).isEqualTo("; did you mean proxy.ttl?");
    assertThat(Nearest.suggestion("something.else", known)).isEmpty();
    assertThat(Nearest.suggestion("proxy.ttl" + "l".repeat(1_000_000), known)).isEmpty();
    assertThat(Nearest.suggestion("x", List.of())).isEmpty();
  }
}
