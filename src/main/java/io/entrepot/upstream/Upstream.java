package io.entrepot.upstream;

import io.entrepot.oci.Cost;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.Page;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import org.jspecify.annotations.Nullable;

/**
 * What repositories are pulled from: one registry, its mirrors, or several registries by the name
 * of the repository. All calls block within the configured timeouts, count every HTTP request they
 * send on the {@link Cost}, and are safe for use by many threads.
 */
public interface Upstream extends AutoCloseable {

  /**
   * Asks whether this repository has this blob, and how large it is (end-2, HEAD). Nothing is
   * downloaded.
   */
  Descriptor headBlob(RepositoryName repository, Digest digest, Cost cost) throws UpstreamException;

  /**
   * Begins to fetch a blob (end-2, GET). Its bytes are not verified here.
   *
   * @param stretch which part; an answer with the whole blob is accepted in its place, see {@link
   *     UpstreamBody#offset()}
   * @return a response that the caller must close
   */
  UpstreamBody fetchBlob(RepositoryName repository, Digest digest, FetchRange stretch, Cost cost)
      throws UpstreamException;

  /**
   * Resolves a tag by HEAD (end-3) and says how long that may be believed. Only an upstream that
   * does not name the digest is asked again by GET; a HEAD that failed never is.
   */
  Resolution resolve(RepositoryName repository, Tag tag, Cost cost) throws UpstreamException;

  /** Asks by HEAD whether this repository has this manifest (end-3). */
  Descriptor headManifest(RepositoryName repository, Digest digest, Cost cost)
      throws UpstreamException;

  /** Fetches a manifest by digest (end-3, GET) and verifies it. */
  Manifest fetchManifest(RepositoryName repository, Digest digest, Cost cost)
      throws UpstreamException;

  /** Lists tags (end-8a, end-8b), one page of the upstream's own choosing at most. */
  TagPage listTags(RepositoryName repository, Page page, Cost cost) throws UpstreamException;

  /**
   * Lists referrers (end-12a, end-12b); an upstream without that API is asked for the fallback tag
   * (distribution-spec 1.1, "Unavailable Referrers API").
   */
  Referrers listReferrers(
      RepositoryName repository, Digest subject, @Nullable String artifactType, Cost cost)
      throws UpstreamException;

  /**
   * Whether so little is left of the requests that the upstream of this repository grants that only
   * what is not here should be asked of it. Asks nothing.
   */
  boolean isScarce(RepositoryName repository);

  /** Ends all connections, those in use included. */
  @Override
  void close();
}
