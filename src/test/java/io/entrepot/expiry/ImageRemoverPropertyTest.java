package io.entrepot.expiry;

import static io.entrepot.catalog.LinkKind.BLOB;
import static io.entrepot.catalog.LinkKind.MANIFEST;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever is stored, used, pinned, read and filled in between, room is made by whole images (F3).
 */
class ImageRemoverPropertyTest extends RemoverFixture {
  private static final int STEPS = 80;
  private static final int LAYERS = 14;

  private final Map<Digest, Manifest> stored = new HashMap<>();
  private final Map<Digest, Digest> subjects = new HashMap<>();
  private final Set<Digest> pinned = new HashSet<>();
  private int names;

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void noBlobGoesWhoseManifestStays(long seed) throws Exception {
    Random random = new Random(seed);
    for (int step = 0; step < STEPS; step++) {
      clock.advance(Duration.ofSeconds(1));
      switch (random.nextInt(8)) {
        case 0, 1, 2 -> putSomething(random);
        case 3 -> use(random);
        case 4 -> pin(random);
        case 5 -> toggle(read, random);
        case 6 -> toggle(filling, random);
        default -> makeRoom(random);
      }
    }
    makeRoom(random);
  }

  private void putSomething(Random random) {
    String name = "manifest " + names++;
    Digest[] layers =
        IntStream.range(0, random.nextInt(4))
            .mapToObj(i -> layer(random))
            .distinct()
            .toArray(Digest[]::new);
    List<Digest> here = manifests();
    Manifest put;
    if (here.isEmpty() || random.nextBoolean()) {
      put = put(name, layers);
    } else if (random.nextBoolean()) {
      Digest[] some = here.stream().filter(d -> random.nextInt(3) == 0).toArray(Digest[]::new);
      put = putIndex(name, some);
    } else {
      Digest subject = any(here, random);
      put = putReferrer(name, subject, layers);
      subjects.put(put.digest(), subject);
    }
    stored.put(put.digest(), put);
  }

  private void use(Random random) {
    if (random.nextBoolean()) {
      catalog.use(APP, layer(random), BLOB);
    } else if (!manifests().isEmpty()) {
      catalog.use(APP, any(manifests(), random), MANIFEST);
    }
  }

  private void pin(Random random) {
    if (!manifests().isEmpty() && pinned.size() < 3) {
      Digest chosen = any(manifests(), random);
      tag("pinned-" + names++, stored.get(chosen));
      pinned.add(chosen);
    }
  }

  private void toggle(Set<Digest> set, Random random) {
    Digest layer = layer(random);
    if (!set.remove(layer)) {
      set.add(layer);
    }
  }

  private void makeRoom(Random random) throws Exception {
    Set<Digest> before = new HashSet<>(disk.blobs);
    long wanted = 1L + random.nextInt(5_000);

    long freed = 0;
    long more = 1;
    while (freed < wanted && more > 0) {
      more = remover.makeRoom(wanted - freed);
      freed += more;
    }

    Set<Digest> gone = new HashSet<>(before);
    gone.removeAll(disk.blobs);
    assertThat(freed).isEqualTo(gone.stream().mapToLong(this::size).sum());
    assertThat(gone).noneMatch(read::contains).noneMatch(filling::contains);
    stored.keySet().retainAll(disk.blobs);
    for (Digest manifest : manifests()) {
      assertThat(gone).noneMatch(listedBy(manifest)::contains);
    }
    for (Digest manifest : pinned) {
      assertThat(gone).doesNotContain(manifest).noneMatch(below(manifest)::contains);
    }
    // What has gone is forgotten, and what has stayed is known.
    assertThat(gone).allSatisfy(digest -> assertThat(catalog.links(digest)).isEmpty());
    assertThat(disk.blobs).allSatisfy(digest -> assertThat(catalog.links(digest)).isNotEmpty());
    if (freed < wanted) {
      assertThat(mayGo()).isEmpty();
    }
  }

  /** The images of which nothing is pinned, read or filled, and to which nothing refers. */
  private Set<Digest> mayGo() {
    Set<Digest> kept = new HashSet<>(pinned);
    kept.addAll(read);
    kept.addAll(filling);
    return manifests().stream()
        .filter(m -> manifests().stream().noneMatch(other -> listedBy(other).contains(m)))
        .filter(m -> !kept.contains(m) && below(m).stream().noneMatch(kept::contains))
        .filter(m -> subjects.values().stream().noneMatch(m::equals))
        .filter(m -> !below(m).stream().anyMatch(b -> subjects.containsValue(b)))
        .filter(m -> listedBy(m).stream().noneMatch(filling::contains))
        .collect(Collectors.toSet());
  }

  private Set<Digest> listedBy(Digest manifest) {
    return stored.get(manifest).children().stream()
        .map(Descriptor::digest)
        .collect(Collectors.toSet());
  }

  /** All that a manifest leads to. */
  private Set<Digest> below(Digest manifest) {
    Set<Digest> below = new HashSet<>(listedBy(manifest));
    new ArrayList<>(below)
        .stream().filter(stored::containsKey).forEach(m -> below.addAll(below(m)));
    return below;
  }

  private List<Digest> manifests() {
    return stored.keySet().stream().sorted((a, b) -> a.hex().compareTo(b.hex())).toList();
  }

  private long size(Digest digest) {
    return stored.containsKey(digest) ? stored.get(digest).bytes().length : SIZE;
  }

  private static Digest any(List<Digest> digests, Random random) {
    return digests.get(random.nextInt(digests.size()));
  }

  private static Digest layer(Random random) {
    return digest("layer " + random.nextInt(LAYERS));
  }
}
