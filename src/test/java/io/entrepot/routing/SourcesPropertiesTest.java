package io.entrepot.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.OciException;
import io.entrepot.oci.RepositoryName;
import io.entrepot.upstream.DockerHub;
import io.entrepot.upstream.Offline;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/** What holds for all names, whichever upstreams there are. Few words, so that names meet often. */
class SourcesPropertiesTest {
  private static final List<String> UPSTREAMS =
      List.of("docker.io", "ghcr.io", "lab", "app", "library", "index.docker.io");

  @Provide
  Arbitrary<List<String>> upstreams() {
    return Arbitraries.of(UPSTREAMS).list().uniqueElements().ofMinSize(1).ofMaxSize(5);
  }

  @Provide
  Arbitrary<RepositoryName> repositories() {
    List<String> words = new ArrayList<>(UPSTREAMS);
    words.addAll(List.of("x", "y", "registry-1.docker.io"));
    return Arbitraries.of(words)
        .list()
        .ofMinSize(1)
        .ofMaxSize(4)
        .map(parts -> RepositoryName.of(String.join("/", parts)));
  }

  private static Sources sources(List<String> names, boolean hub) {
    List<ProxiedUpstream> all = names.stream().map(name -> upstream(name, hub)).toList();
    return new Sources(all.get(0), all.subList(1, all.size()));
  }

  private static ProxiedUpstream upstream(String name, boolean hub) {
    return TestSources.upstream(
        new Names(name, Set.of(name), Set.of(name + ".cache"), hub && name.equals("docker.io")),
        TestSources.RULES,
        new Offline(),
        Runnable::run);
  }

  private static @Nullable Source trace(
      Sources sources, RepositoryName asked, @Nullable String namespace, @Nullable String host) {
    try {
      return sources.trace(asked, namespace, host).source();
    } catch (OciException e) {
      return null; // not an upstream
    }
  }

  /** All ways in which a client can ask for a name. */
  private static List<Source> allWays(Sources sources, RepositoryName asked) {
    List<Source> found = new ArrayList<>();
    List<@Nullable String> selections = new ArrayList<>(UPSTREAMS);
    selections.add(null);
    for (String namespace : selections) {
      for (String host : selections) {
        Source source = trace(sources, asked, namespace, host == null ? null : host + ".cache");
        if (source != null) {
          found.add(source);
        }
      }
    }
    return found;
  }

  @Property
  void twoRepositoriesNeverHaveOneNameHere(
      @ForAll("upstreams") List<String> one,
      @ForAll("upstreams") List<String> other,
      @ForAll boolean hub,
      @ForAll("repositories") RepositoryName asked,
      @ForAll("repositories") RepositoryName alsoAsked) {
    Map<RepositoryName, String> owners = new HashMap<>();
    List<Source> all = new ArrayList<>();
    // The upstreams change in between, but what is stored stays.
    for (Sources sources : List.of(sources(one, hub), sources(other, hub))) {
      all.addAll(allWays(sources, asked));
      all.addAll(allWays(sources, alsoAsked));
    }
    for (Source source : all) {
      String pair = source.upstream() + " | " + source.remote();
      assertThat(owners.merge(source.repository(), pair, (before, now) -> before)).isEqualTo(pair);
    }
  }

  @Property
  void nameHereLeadsBackToItsSource(
      @ForAll("upstreams") List<String> names,
      @ForAll boolean hub,
      @ForAll("repositories") RepositoryName asked) {
    Sources sources = sources(names, hub);
    for (Source source : allWays(sources, asked)) {
      assertThat(sources.of(source.repository())).hasValue(source);
    }
  }

  @Property
  void pathThatIsShownLeadsToTheRepository(
      @ForAll("upstreams") List<String> names,
      @ForAll boolean hub,
      @ForAll("repositories") RepositoryName asked) {
    Sources sources = sources(names, hub);
    for (Source source : allWays(sources, asked)) {
      sources
          .pathOf(source.repository())
          .ifPresent(path -> assertThat(trace(sources, path, null, null)).isEqualTo(source));
    }
  }

  @Property
  void withAnUpstreamSelectedThePathIsTheRepository(
      @ForAll("upstreams") List<String> names,
      @ForAll("repositories") RepositoryName asked,
      @ForAll int index) {
    Sources sources = sources(names, false);
    String selected = names.get(Math.floorMod(index, names.size()));
    Assume.that(!asked.firstComponent().equals(selected) || !selected.contains("."));
    Assume.that(
        !(DockerHub.HOSTS.contains(selected) && DockerHub.HOSTS.contains(asked.firstComponent())));
    for (Source source :
        List.of(
            sources.trace(asked, selected, null).source(),
            sources.trace(asked, null, selected + ".cache").source())) {
      assertThat(source.upstream()).isEqualTo(selected);
      assertThat(source.remote()).isEqualTo(asked);
    }
  }
}
