package io.entrepot.upstream;

import io.entrepot.oci.Cost;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import org.jspecify.annotations.Nullable;

/**
 * A source of blobs, manifests and lists: one registry, a registry with its mirrors, or an upstream
 * that must not be asked. All calls block within the configured timeouts and count each HTTP
 * request that they send on the {@link Cost}. Thread-safe.
 *
 * <p>An implementation has one method, {@link #ask}. The other methods are its typed forms.
 */
public interface Upstream extends AutoCloseable {
  /**
   * Asks one question.
   *
   * @param query says what is asked for
   * @param cost where the requests are counted
   * @throws UpstreamException when there is no usable answer
   */
  <T> T ask(UpstreamQuery<T> query, Cost cost) throws UpstreamException;

  /**
   * The same upstream, where the user name and the password of a client decide in place of our own.
   * Only for an upstream to which they may be sent.
   */
  default Upstream as(ClientCredentials client) {
    throw new UnsupportedOperationException("this upstream is not asked for single clients");
  }

  /**
   * Whether few requests are left of those that the upstream grants. Then ask only for content that
   * is not here. Sends nothing.
   */
  boolean isScarce();

  /** Whether a question would be sent now: not all its registries are being spared. */
  boolean isReachable();

  /** Ends all connections, those in use included. */
  @Override
  void close();

  /**
   * Fetches the challenge of {@code /v2/} and, where there is one, a first token. A warm-up:
   * nothing depends on its success.
   *
   * @throws UpstreamException saying what did not work
   */
  default void connect(Cost cost) throws UpstreamException {
    var unused = ask(new UpstreamQuery.Ping(), cost);
  }

  /**
   * Asks whether this repository has this blob, and how large it is (end-2, HEAD). Nothing is
   * downloaded.
   */
  default Descriptor headBlob(RepositoryName repository, Digest digest, Cost cost)
      throws UpstreamException {
    return ask(new UpstreamQuery.HeadBlob(repository, digest), cost);
  }

  /**
   * Begins to fetch a blob (end-2, GET). The bytes are not verified here.
   *
   * @param range which part; the upstream may send the whole blob instead, see {@link
   *     UpstreamBody#offset()}
   * @return a response that the caller must close
   */
  default UpstreamBody fetchBlob(
      RepositoryName repository, Digest digest, FetchRange range, Cost cost)
      throws UpstreamException {
    return ask(new UpstreamQuery.FetchBlob(repository, digest, range), cost);
  }

  /**
   * Resolves a tag by HEAD (end-3) and says how long the answer is fresh. Where HEAD says nothing
   * that counts, a GET by tag decides.
   */
  default Resolution resolve(RepositoryName repository, Tag tag, Cost cost)
      throws UpstreamException {
    return ask(new UpstreamQuery.ResolveTag(repository, tag), cost);
  }

  /** Fetches the manifest of a tag by GET; the digest is computed from its bytes (end-3). */
  default Resolution fetchTag(RepositoryName repository, Tag tag, Cost cost)
      throws UpstreamException {
    return ask(new UpstreamQuery.FetchTag(repository, tag), cost);
  }

  /** Asks by HEAD whether this repository has this manifest (end-3). */
  default Descriptor headManifest(RepositoryName repository, Digest digest, Cost cost)
      throws UpstreamException {
    return ask(new UpstreamQuery.HeadManifest(repository, digest), cost);
  }

  /** Fetches a manifest by digest (end-3, GET) and verifies it. */
  default Manifest fetchManifest(RepositoryName repository, Digest digest, Cost cost)
      throws UpstreamException {
    return ask(new UpstreamQuery.FetchManifest(repository, digest), cost);
  }

  /**
   * Lists tags (end-8a, end-8b). The upstream chooses how many come on one page.
   *
   * @param query the query of the request, encoded; empty for none
   */
  default TagPage listTags(RepositoryName repository, String query, Cost cost)
      throws UpstreamException {
    return ask(new UpstreamQuery.ListTags(repository, query), cost);
  }

  /**
   * Lists referrers (end-12a, end-12b). An upstream without that API is asked for the fallback tag
   * (distribution-spec 1.1, "Unavailable Referrers API").
   *
   * @param next the query of the upstream's link to a next page, or null to begin
   */
  default Referrers listReferrers(
      RepositoryName repository,
      Digest subject,
      @Nullable String artifactType,
      @Nullable String next,
      Cost cost)
      throws UpstreamException {
    return ask(new UpstreamQuery.ListReferrers(repository, subject, artifactType, next), cost);
  }
}
