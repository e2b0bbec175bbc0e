package io.entrepot.upstream;

import io.entrepot.oci.Cost;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.Page;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import io.entrepot.upstream.UpstreamException.Failure;
import org.jspecify.annotations.Nullable;

/** An upstream that nobody is to ask: every call fails at once, and nothing is sent. Immutable. */
public final class Offline implements Upstream {
  private static UpstreamException of(Object what) {
    return new UpstreamException(
        Failure.OFFLINE, what + " is not here, and its upstream is set to offline");
  }

  @Override
  public boolean isScarce(RepositoryName repository) {
    return false;
  }

  @Override
  public Descriptor headBlob(RepositoryName repository, Digest digest, Cost cost)
      throws UpstreamException {
    throw of("blob " + digest + " of " + repository);
  }

  @Override
  public UpstreamBody fetchBlob(
      RepositoryName repository, Digest digest, FetchRange stretch, Cost cost)
      throws UpstreamException {
    throw of("blob " + digest + " of " + repository);
  }

  @Override
  public Resolution resolve(RepositoryName repository, Tag tag, Cost cost)
      throws UpstreamException {
    throw of(repository + ":" + tag);
  }

  @Override
  public Descriptor headManifest(RepositoryName repository, Digest digest, Cost cost)
      throws UpstreamException {
    throw of(repository + "@" + digest);
  }

  @Override
  public Manifest fetchManifest(RepositoryName repository, Digest digest, Cost cost)
      throws UpstreamException {
    throw of(repository + "@" + digest);
  }

  @Override
  public TagPage listTags(RepositoryName repository, Page page, Cost cost)
      throws UpstreamException {
    throw of("the list of tags of " + repository);
  }

  @Override
  public Referrers listReferrers(
      RepositoryName repository, Digest subject, @Nullable String artifactType, Cost cost)
      throws UpstreamException {
    throw of("the list of referrers of " + subject);
  }

  @Override
  public void close() {}
}
