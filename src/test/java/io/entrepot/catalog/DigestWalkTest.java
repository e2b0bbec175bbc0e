package io.entrepot.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Digest;
import io.entrepot.oci.Digest.Algorithm;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;

class DigestWalkTest {
  private static final Comparator<Digest> BY_TEXT = Comparator.comparing(Digest::toString);

  private final List<Digest> onlyLeft = new ArrayList<>();
  private final List<Digest> onlyRight = new ArrayList<>();

  @Property(tries = 200)
  void whatOnlyOneHasIsToldOnceAndInOrder(
      @ForAll Set<@IntRange(max = 30) Integer> left,
      @ForAll Set<@IntRange(max = 30) Integer> right,
      @ForAll @IntRange(min = 1, max = 5) int batch) {
    compare(sorted(left, BY_TEXT), sorted(right, BY_TEXT), batch);

    assertThat(onlyLeft).isEqualTo(sorted(without(left, right), BY_TEXT));
    assertThat(onlyRight).isEqualTo(sorted(without(right, left), BY_TEXT));
  }

  @Property(tries = 200)
  void nothingThatDiffersIsLeftOutWhateverTheOrder(
      @ForAll Set<@IntRange(max = 30) Integer> left,
      @ForAll Set<@IntRange(max = 30) Integer> right,
      @ForAll @IntRange(min = 1, max = 5) int batch) {
    Comparator<Digest> strange = Comparator.comparing(digest -> digest.hex().substring(7));
    compare(sorted(left, strange), sorted(right, strange), batch);

    assertThat(onlyLeft).containsAll(sorted(without(left, right), strange));
    assertThat(onlyRight).containsAll(sorted(without(right, left), strange));
  }

  private void compare(List<Digest> left, List<Digest> right, int batch) {
    onlyLeft.clear();
    onlyRight.clear();
    DigestWalk.compare(walk(left, batch), walk(right, batch), onlyLeft::addAll, onlyRight::addAll);
  }

  private static DigestWalk walk(List<Digest> all, int batch) {
    return new DigestWalk(last -> after(all, last, batch));
  }

  private static List<Digest> after(List<Digest> all, @Nullable Digest last, int batch) {
    int from = last == null ? 0 : all.indexOf(last) + 1;
    return all.subList(from, Math.min(all.size(), from + batch));
  }

  private static Set<Integer> without(Set<Integer> numbers, Set<Integer> others) {
    Set<Integer> rest = new HashSet<>(numbers);
    rest.removeAll(others);
    return rest;
  }

  /** Digests of both algorithms. */
  private static List<Digest> sorted(Collection<Integer> numbers, Comparator<Digest> order) {
    return numbers.stream().map(DigestWalkTest::digest).sorted(order).toList();
  }

  private static Digest digest(int number) {
    Algorithm algorithm = number % 3 == 0 ? Algorithm.SHA512 : Algorithm.SHA256;
    return Digest.ofBytes(algorithm, ("blob " + number).getBytes(UTF_8));
  }
}
