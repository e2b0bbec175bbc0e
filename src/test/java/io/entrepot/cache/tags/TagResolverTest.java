package io.entrepot.cache.tags;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.catalog.Sighting;
import io.entrepot.oci.Digest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** The digest that a cooled tag leads to, chosen from its history. */
class TagResolverTest {
  @Property
  void chosenDigestIsTheLastNamedOfThoseThatAreOldEnoughElseTheOldest(
      @ForAll @Size(min = 1, max = 6) List<@IntRange(max = 20) Integer> firstSeen,
      @ForAll @IntRange(max = 20) int cutoff) {
    List<Sighting> history = new ArrayList<>();
    for (int i = 0; i < firstSeen.size(); i++) {
      Instant last = at(Math.max(100 - i, firstSeen.get(i)));
      history.add(new Sighting(digest(i), at(firstSeen.get(i)), last, true));
    }
    Digest chosen = TagResolver.choose(history, at(cutoff)).orElseThrow();
    List<Sighting> ripe =
        history.stream().filter(s -> s.firstSeen().compareTo(at(cutoff)) <= 0).toList();
    Sighting expected =
        ripe.isEmpty()
            ? history.stream().min(Comparator.comparing(Sighting::firstSeen)).orElseThrow()
            : ripe.stream().max(Comparator.comparing(Sighting::lastSeen)).orElseThrow();
    assertThat(chosen).isEqualTo(expected.digest());
  }

  @Test
  void tagWithoutHistoryHasNoChoice() {
    assertThat(TagResolver.choose(List.of(), at(0))).isEmpty();
  }

  private static Instant at(int second) {
    return Instant.ofEpochSecond(second);
  }

  private static Digest digest(int number) {
    return Digest.ofBytes(Digest.Algorithm.SHA256, ("" + number).getBytes(UTF_8));
  }
}
