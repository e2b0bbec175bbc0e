package io.entrepot.routing;

import io.entrepot.oci.Cost;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.Page;
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
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What a repository name leads to: where its content comes from, and by which rules it is used. It
 * is found once for each request and travels with it. Immutable and thread-safe.
 *
 * <p>The calls that ask the upstream block within its timeouts and count what they send on the
 * {@link Cost}.
 */
public sealed interface Source permits UpstreamSource {
  /** The one name that the repository has here, whichever way a client named it. */
  RepositoryName repository();

  /** The name that the upstream knows the repository by. */
  RepositoryName remote();

  /** The name of the upstream, as clients call it. */
  String upstream();

  /** What the upstream is called in metrics. */
  String meterName();

  /** The rule by which the repository may not be pulled; empty where it may. */
  Optional<String> refusal();

  /**
   * Refuses a repository that may not be pulled.
   *
   * @throws io.entrepot.oci.OciException with {@code DENIED}, naming the rule
   */
  void checkAdmitted();

  /** How long the upstream's word on a tag counts. */
  Freshness freshness();

  /** How its blobs are fetched. */
  BlobRules blobs();

  /** How long what was pulled is kept. */
  ExpiryPolicy expiry();

  /** How long a client waits for the upstream where an older answer would do. */
  Duration deadline();

  /** Runs fills: the share of the fill threads that this upstream has. */
  Executor fills();

  /** Runs questions to the upstream: the share of the threads for them that it has. */
  Executor questions();

  /** How the upstream stands now; asks nothing. */
  UpstreamStatus status();

  /**
   * Whether so little is left of the requests that the upstream grants that only what is not here
   * should be asked of it. Asks nothing.
   */
  boolean isScarce();

  /** Whether a question would be sent now: it is not offline, nor spared altogether. */
  boolean isReachable();

  /**
   * Refuses a blob that is too large to be fetched.
   *
   * @param size in bytes, as far as it is known; a negative one passes
   * @throws io.entrepot.oci.OciException with {@code DENIED}, naming the limit
   */
  void checkSize(Digest digest, long size);

  /** Asks whether the repository has this blob, and how large it is. */
  Descriptor headBlob(Digest digest, Cost cost) throws UpstreamException;

  /** Begins to fetch a blob; the caller closes the body. Its bytes are not verified. */
  UpstreamBody fetchBlob(Digest digest, FetchRange range, Cost cost) throws UpstreamException;

  /** Asks where a tag points. */
  Resolution resolve(Tag tag, Cost cost) throws UpstreamException;

  /** Fetches a manifest and verifies it. */
  Manifest fetchManifest(Digest digest, Cost cost) throws UpstreamException;

  /** Asks for a page of the tags. */
  TagPage listTags(Page page, Cost cost) throws UpstreamException;

  /** Asks for the referrers of a digest. */
  Referrers listReferrers(Digest subject, @Nullable String artifactType, Cost cost)
      throws UpstreamException;
}
