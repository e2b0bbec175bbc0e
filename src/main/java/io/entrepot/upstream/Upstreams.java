package io.entrepot.upstream;

import io.entrepot.oci.Cost;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.Page;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All upstreams behind one seam: the name that a repository has here says which of them is asked,
 * and by what name. Immutable.
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

  private record Found(Upstream upstream, RepositoryName remote) {}

  private Found find(RepositoryName repository) {
    Upstream upstream = named.get(repository.firstComponent());
    return upstream == null
        ? new Found(fallback, repository)
        : new Found(upstream, repository.withoutFirst().orElse(repository));
  }

  @Override
  public boolean isScarce(RepositoryName repository) {
    Found found = find(repository);
    return found.upstream().isScarce(found.remote());
  }

  @Override
  public Descriptor headBlob(RepositoryName repository, Digest digest, Cost cost)
      throws UpstreamException {
    Found found = find(repository);
    return found.upstream().headBlob(found.remote(), digest, cost);
  }

  @Override
  public UpstreamBody fetchBlob(
      RepositoryName repository, Digest digest, FetchRange stretch, Cost cost)
      throws UpstreamException {
    Found found = find(repository);
    return found.upstream().fetchBlob(found.remote(), digest, stretch, cost);
  }

  @Override
  public Resolution resolve(RepositoryName repository, Tag tag, Cost cost)
      throws UpstreamException {
    Found found = find(repository);
    return found.upstream().resolve(found.remote(), tag, cost);
  }

  @Override
  public Descriptor headManifest(RepositoryName repository, Digest digest, Cost cost)
      throws UpstreamException {
    Found found = find(repository);
    return found.upstream().headManifest(found.remote(), digest, cost);
  }

  @Override
  public Manifest fetchManifest(RepositoryName repository, Digest digest, Cost cost)
      throws UpstreamException {
    Found found = find(repository);
    return found.upstream().fetchManifest(found.remote(), digest, cost);
  }

  @Override
  public TagPage listTags(RepositoryName repository, Page page, Cost cost)
      throws UpstreamException {
    Found found = find(repository);
    return found.upstream().listTags(found.remote(), page, cost);
  }

  @Override
  public Referrers listReferrers(
      RepositoryName repository, Digest subject, @Nullable String artifactType, Cost cost)
      throws UpstreamException {
    Found found = find(repository);
    return found.upstream().listReferrers(found.remote(), subject, artifactType, cost);
  }

  @Override
  public void close() {
    fallback.close();
    named.values().forEach(Upstream::close);
  }
}
