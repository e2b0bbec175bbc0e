package io.entrepot.routing;

import io.entrepot.access.UpstreamLogin;
import io.entrepot.oci.Cost;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
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
 * The source of a repository's content: an upstream, the repository's names, and the rules for it.
 * It is found once for each request and is passed on with the request. Immutable and thread-safe.
 *
 * <p>The methods that take a {@link Cost} send requests to the upstream. They block at most as long
 * as its timeouts allow, and count their requests.
 */
public sealed interface Source permits UpstreamSource {
  /**
   * The name of the repository in this cache: the name of the upstream, a slash, and the name at
   * the upstream. It is the same for all ways in which clients can name the repository, and no
   * other repository has it. Everything that is stored is stored under it.
   */
  RepositoryName repository();

  /** The name of the repository at the upstream. */
  RepositoryName remote();

  /**
   * The name of the repository for people: the path by which a client can pull it. If there is
   * none, the name in this cache.
   */
  RepositoryName shown();

  /** The name of the upstream, as clients use it. */
  String upstream();

  /** Whether this cache has no other upstream. */
  boolean isOfOnlyUpstream();

  /** The name of the upstream in metrics. */
  String meterName();

  /** Why the repository may not be pulled; empty if it may. */
  Optional<String> refusal();

  /**
   * Refuses a repository that may not be pulled.
   *
   * @throws io.entrepot.oci.OciException with {@code DENIED}; the message names the rule
   */
  void checkAdmitted();

  /** The rules for how long answers of the upstream stay valid. */
  Freshness freshness();

  /** The rules for fetching blobs. */
  BlobRules blobs();

  /** The rule for how long content is kept. */
  ExpiryPolicy expiry();

  /** How long a client waits for the upstream before it gets an older answer, if there is one. */
  Duration deadline();

  /** Runs fills, on a fair share of the threads. */
  Jobs fills();

  /** Runs short requests to the upstream, on a fair share of the threads. */
  Jobs questions();

  /** The current status of the upstream. Sends no request. */
  UpstreamStatus status();

  /**
   * Whether the upstream's limit of requests is nearly reached. Then only content that is not
   * stored should be requested from it. Sends no request.
   */
  boolean isScarce();

  /**
   * Whether a request would be sent to the upstream now. It would not if the upstream is set to
   * offline, or if the breakers of all its registries are open.
   */
  boolean isReachable();

  /**
   * Refuses a blob that is too large to be fetched.
   *
   * @param size the known size in bytes; negative if unknown, which is not refused
   * @throws io.entrepot.oci.OciException with {@code DENIED}; the message names the limit
   */
  void checkSize(Digest digest, long size);

  /**
   * The same source for a client with a user name and a password, if the upstream is asked for each
   * client. Without them, such an upstream is asked as for somebody without a login.
   */
  Source as(UpstreamLogin login);

  /** Whether the upstream's own word counts for each client, and not one for all. */
  boolean isPerClient();

  /** Stands for the client whose answers these are; empty if they are for all without a login. */
  String client();

  /**
   * Whether what is stored may be given to the client without asking the upstream: always, but
   * where the upstream is asked for each client and has given this one nothing lately.
   */
  boolean isGranted();

  /**
   * Whether the user name and the password of the client are right. Asks the upstream, unless it
   * has said so lately. Not known counts as right.
   */
  boolean isLoginRight(Cost cost);

  /** Asks the upstream whether the repository has a manifest. */
  Descriptor headManifest(Digest digest, Cost cost) throws UpstreamException;

  /** Asks the upstream whether the repository has a blob, and for its size. */
  Descriptor headBlob(Digest digest, Cost cost) throws UpstreamException;

  /** Begins to fetch a blob. The caller closes the body. The bytes are not verified. */
  UpstreamBody fetchBlob(Digest digest, FetchRange range, Cost cost) throws UpstreamException;

  /** Asks the upstream which digest a tag points to. */
  Resolution resolve(Tag tag, Cost cost) throws UpstreamException;

  /** Fetches the manifest of a tag, where a HEAD has told a digest that is not there. */
  Resolution fetchTag(Tag tag, Cost cost) throws UpstreamException;

  /** Fetches a manifest and verifies it. */
  Manifest fetchManifest(Digest digest, Cost cost) throws UpstreamException;

  /**
   * Asks the upstream for a page of its tags.
   *
   * @param query the query of the request, encoded; empty for none
   */
  TagPage listTags(String query, Cost cost) throws UpstreamException;

  /**
   * Asks the upstream for the referrers of a digest.
   *
   * @param next the query of the upstream's link to a next page, or null to begin
   */
  Referrers listReferrers(
      Digest subject, @Nullable String artifactType, @Nullable String next, Cost cost)
      throws UpstreamException;
}
