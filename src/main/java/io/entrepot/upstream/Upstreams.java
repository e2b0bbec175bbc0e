package io.entrepot.upstream;

import io.entrepot.oci.Cost;
import io.entrepot.oci.RepositoryName;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All upstreams. The first component of a repository's name here says which of them is asked, and
 * by what name. Immutable.
 */
public final class Upstreams implements Upstream {
  private final Upstream fallback;
  private final Map<String, Upstream> named;

  /**
   * @param fallback has every repository that does not begin with one of the names
   * @param named by the first component of their repositories' names here, which they do not know
   */
  public Upstreams(Upstream fallback, Map<String, Upstream> named) {
    this.fallback = fallback;
    this.named = Map.copyOf(named);
  }

  @Override
  public <T> T ask(UpstreamQuery<T> query, Cost cost) throws UpstreamException {
    RepositoryName repository = query.repository();
    Upstream upstream = find(repository);
    return repository == null || upstream == fallback
        ? upstream.ask(query, cost)
        : upstream.ask(query.about(repository.withoutFirst().orElse(repository)), cost);
  }

  private Upstream find(@Nullable RepositoryName repository) {
    return repository == null
        ? fallback
        : named.getOrDefault(repository.firstComponent(), fallback);
  }

  /** As {@link #isScarce()} of the upstream that has this repository. */
  public boolean isScarce(RepositoryName repository) {
    return find(repository).isScarce();
  }

  @Override
  public boolean isScarce() {
    return fallback.isScarce();
  }

  @Override
  public void close() {
    fallback.close();
    named.values().forEach(Upstream::close);
  }
}
