package io.entrepot.routing;

import io.entrepot.oci.Cost;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import io.entrepot.upstream.FetchRange;
import io.entrepot.upstream.Referrers;
import io.entrepot.upstream.Resolution;
import io.entrepot.upstream.TagPage;
import io.entrepot.upstream.UpstreamBody;
import io.entrepot.upstream.UpstreamException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The source of a repository that belongs to an upstream.
 *
 * @param proxied the upstream
 * @param sources finds the name for people
 * @param repository the name of the repository in this cache
 * @param remote the name of the repository at the upstream
 */
record UpstreamSource(
    ProxiedUpstream proxied, Sources sources, RepositoryName repository, RepositoryName remote)
    implements Source {
  @Override
  public RepositoryName shown() {
    return sources.pathOf(repository).orElse(repository);
  }

  @Override
  public String upstream() {
    return proxied.name();
  }

  @Override
  public boolean isOfOnlyUpstream() {
    return sources.upstreams().size() == 1;
  }

  @Override
  public String meterName() {
    return proxied.meterName();
  }

  @Override
  public Optional<String> refusal() {
    return proxied.rules().admission().refusal(remote);
  }

  @Override
  public void checkAdmitted() {
    refusal()
        .ifPresent(
            why -> {
              throw new OciException(
                  OciError.DENIED,
                  "%s of %s may not be pulled through this cache: %s"
                      .formatted(remote, upstream(), why));
            });
  }

  @Override
  public Freshness freshness() {
    return proxied.rules().freshness();
  }

  @Override
  public BlobRules blobs() {
    return proxied.rules().blobs();
  }

  @Override
  public ExpiryPolicy expiry() {
    return proxied.rules().expiry();
  }

  @Override
  public Duration deadline() {
    return proxied.rules().deadline();
  }

  @Override
  public Jobs fills() {
    return proxied.threads().fills();
  }

  @Override
  public Jobs questions() {
    return proxied.threads().questions();
  }

  @Override
  public UpstreamStatus status() {
    return proxied.status();
  }

  @Override
  public boolean isScarce() {
    return proxied.upstream().isScarce();
  }

  @Override
  public boolean isReachable() {
    return proxied.upstream().isReachable();
  }

  @Override
  public void checkSize(Digest digest, long size) {
    blobs().check(shown(), digest, size);
  }

  @Override
  public Descriptor headBlob(Digest digest, Cost cost) throws UpstreamException {
    return proxied.upstream().headBlob(remote, digest, cost);
  }

  @Override
  public UpstreamBody fetchBlob(Digest digest, FetchRange range, Cost cost)
      throws UpstreamException {
    return proxied.upstream().fetchBlob(remote, digest, range, cost);
  }

  @Override
  public Resolution resolve(Tag tag, Cost cost) throws UpstreamException {
    return proxied.upstream().resolve(remote, tag, cost);
  }

  @Override
  public Manifest fetchManifest(Digest digest, Cost cost) throws UpstreamException {
    return proxied.upstream().fetchManifest(remote, digest, cost);
  }

  @Override
  public TagPage listTags(String query, Cost cost) throws UpstreamException {
    return proxied.upstream().listTags(remote, query, cost);
  }

  @Override
  public Referrers listReferrers(
      Digest subject, @Nullable String artifactType, @Nullable String next, Cost cost)
      throws UpstreamException {
    return proxied.upstream().listReferrers(remote, subject, artifactType, next, cost);
  }
}
