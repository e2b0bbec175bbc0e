package io.entrepot.routing;

import io.entrepot.access.Grants;
import io.entrepot.access.UpstreamLogin;
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
import io.entrepot.upstream.Upstream;
import io.entrepot.upstream.UpstreamBody;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
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
 * @param login the user name and the password of the client; null if it has none, or the upstream
 *     is not asked for each client
 */
record UpstreamSource(
    ProxiedUpstream proxied,
    Sources sources,
    RepositoryName repository,
    RepositoryName remote,
    @Nullable UpstreamLogin login)
    implements Source {
  UpstreamSource(
      ProxiedUpstream proxied, Sources sources, RepositoryName repository, RepositoryName remote) {
    this(proxied, sources, repository, remote, null);
  }

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
    blobs().check(this::shown, digest, size);
  }

  @Override
  public Source as(UpstreamLogin client) {
    return isPerClient() ? new UpstreamSource(proxied, sources, repository, remote, client) : this;
  }

  @Override
  public boolean isPerClient() {
    return proxied.grants() != null;
  }

  @Override
  public String client() {
    return login == null ? "" : login.id();
  }

  @Override
  public boolean isGranted() {
    Grants grants = proxied.grants();
    return grants == null || grants.holds(client(), repository.value());
  }

  @Override
  public boolean isLoginRight(Cost cost) {
    Grants grants = proxied.grants();
    if (grants == null || login == null || grants.knows(login.id())) {
      return true;
    }
    try {
      proxied.checkLogin(login, cost);
      return true;
    } catch (UpstreamException e) {
      return e.failure() != Failure.DENIED;
    }
  }

  private Upstream asked() {
    return login == null
        ? proxied.upstream()
        : proxied.upstream().as(ProxiedUpstream.credentials(login));
  }

  /** A question about content, whose answer says whether the client may pull. */
  private interface Question<T> {
    T ask(Upstream upstream) throws UpstreamException;
  }

  private <T> T ask(Question<T> question) throws UpstreamException {
    Grants grants = proxied.grants();
    if (grants == null) {
      return question.ask(proxied.upstream());
    }
    try {
      T answer = question.ask(asked());
      grants.give(client(), repository.value());
      return answer;
    } catch (UpstreamException e) {
      if (e.failure() == Failure.DENIED && !e.isOfTarget()) {
        grants.end(client(), repository.value());
      }
      throw e;
    }
  }

  @Override
  public Descriptor headManifest(Digest digest, Cost cost) throws UpstreamException {
    return ask(upstream -> upstream.headManifest(remote, digest, cost));
  }

  @Override
  public Descriptor headBlob(Digest digest, Cost cost) throws UpstreamException {
    return ask(upstream -> upstream.headBlob(remote, digest, cost));
  }

  @Override
  public UpstreamBody fetchBlob(Digest digest, FetchRange range, Cost cost)
      throws UpstreamException {
    return ask(upstream -> upstream.fetchBlob(remote, digest, range, cost));
  }

  @Override
  public Resolution resolve(Tag tag, Cost cost) throws UpstreamException {
    return ask(upstream -> upstream.resolve(remote, tag, cost));
  }

  @Override
  public Resolution fetchTag(Tag tag, Cost cost) throws UpstreamException {
    return ask(upstream -> upstream.fetchTag(remote, tag, cost));
  }

  @Override
  public Manifest fetchManifest(Digest digest, Cost cost) throws UpstreamException {
    return ask(upstream -> upstream.fetchManifest(remote, digest, cost));
  }

  /** Some upstreams have a right for lists alone, so a list gives no content. */
  @Override
  public TagPage listTags(String query, Cost cost) throws UpstreamException {
    return asked().listTags(remote, query, cost);
  }

  /** As above. */
  @Override
  public Referrers listReferrers(
      Digest subject, @Nullable String artifactType, @Nullable String next, Cost cost)
      throws UpstreamException {
    return asked().listReferrers(remote, subject, artifactType, next, cost);
  }
}
