package io.entrepot.cache.tags;

import io.entrepot.cache.LocalContent;
import io.entrepot.oci.Page;
import io.entrepot.oci.RepositoryName;
import io.entrepot.routing.ProxiedUpstream;
import io.entrepot.routing.Sources;
import java.util.ArrayList;
import java.util.List;

/**
 * The repositories with stored content, by the names with which clients can pull them by a path.
 * Those of the default upstream have no upstream's name in front. A repository without such a name
 * is not listed. Queries the catalog. Thread-safe.
 */
final class RepositoryList {
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
   */
  List<String> page(int n, Page page) {
    String last = page.last() == null ? "" : page.last();
    List<String> names = new ArrayList<>();
    for (ProxiedUpstream upstream : sources.upstreams()) {
      names.addAll(of(upstream, n, last));
    }
    return names.stream().sorted().limit(n).toList();
  }

  /** The first names of one upstream's repositories after the last name of the page before. */
  private List<String> of(ProxiedUpstream upstream, int n, String last) {
    String prefix = upstream.name() + "/";
    List<String> names = new ArrayList<>();
    if (upstream != sources.fallback()) {
      collect(prefix, last, true, n, names);
      return names;
    }
    // Its names are stored with the prefix, but listed without it where no other upstream has
    // taken the name.
    collect(prefix, prefix + last, false, n, names);
    for (String taken : sources.namesInPaths()) {
      collect(prefix + taken + "/", last, true, n, names);
    }
    return names;
  }

  /**
   * Adds the first names of a walk.
   *
   * @param prefixed whether to add the names that are listed as they are stored, or the others
   */
  private void collect(String prefix, String after, boolean prefixed, int n, List<String> names) {
    int found = 0;
    String from = after;
    List<RepositoryName> batch;
    do {
      batch = content.repositories(prefix, from, n);
      for (RepositoryName stored : batch) {
        String path = sources.pathOf(stored).map(RepositoryName::value).orElse("");
        if (!path.isEmpty() && path.equals(stored.value()) == prefixed && found < n) {
          names.add(path);
          found++;
        }
        from = stored.value();
      }
    } while (batch.size() == n && found < n);
  }
}
