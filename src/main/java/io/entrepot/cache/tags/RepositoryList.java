package io.entrepot.cache.tags;

import io.entrepot.cache.LocalContent;
import io.entrepot.oci.Page;
import io.entrepot.oci.RepositoryName;
import io.entrepot.routing.ProxiedUpstream;
import io.entrepot.routing.Sources;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * The repositories with stored content, by the names with which clients can pull them by a path.
 * Those of the default upstream have no upstream's name in front. A repository without such a name
 * is not listed. Queries the catalog. Thread-safe.
 */
final class RepositoryList {
  /** Many names at once, because a client may be allowed to see only a few of them. */
  private static final int MIN_BATCH = 200;

  private final LocalContent content;
  private final Sources sources;

  RepositoryList(LocalContent content, Sources sources) {
    this.content = content;
    this.sources = sources;
  }

  /**
   * Finds a page of the names, in ASCII order.
   *
   * @param n the largest number of names
   * @param page the page that the client wants
   * @param shown which repositories it may see, by their names in this cache
   */
  List<String> page(int n, Page page, Predicate<RepositoryName> shown) {
    String last = page.last() == null ? "" : page.last();
    List<String> names = new ArrayList<>();
    for (ProxiedUpstream upstream : sources.upstreams()) {
      names.addAll(of(upstream, n, last, shown));
    }
    return names.stream().sorted().limit(n).toList();
  }

  /** The first names of one upstream's repositories after the last name of the page before. */
  private List<String> of(
      ProxiedUpstream upstream, int n, String last, Predicate<RepositoryName> shown) {
    String prefix = upstream.name() + "/";
    List<String> names = new ArrayList<>();
    if (upstream != sources.fallback()) {
      names.addAll(collect(prefix, last, true, n, shown));
      return names;
    }
    // Its names are stored with the prefix, but listed without it where no other upstream has
    // taken the name.
    names.addAll(collect(prefix, prefix + last, false, n, shown));
    for (String taken : sources.namesInPaths()) {
      names.addAll(collect(prefix + taken + "/", last, true, n, shown));
    }
    return names;
  }

  /**
   * Finds the first names of a walk.
   *
   * @param prefixed whether to find the names that are listed as they are stored, or the others
   */
  private List<String> collect(
      String prefix, String after, boolean prefixed, int n, Predicate<RepositoryName> shown) {
    List<String> names = new ArrayList<>();
    int size = Math.max(n, MIN_BATCH);
    String from = after;
    List<RepositoryName> batch;
    do {
      batch = content.repositories(prefix, from, size);
      for (RepositoryName stored : batch) {
        String path = sources.pathOf(stored).map(RepositoryName::value).orElse("");
        boolean isListed = !path.isEmpty() && path.equals(stored.value()) == prefixed;
        if (isListed && names.size() < n && shown.test(stored)) {
          names.add(path);
        }
        from = stored.value();
      }
    } while (batch.size() == size && names.size() < n);
    return names;
  }
}
