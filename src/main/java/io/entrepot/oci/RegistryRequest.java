package io.entrepot.oci;

import org.jspecify.annotations.Nullable;

/**
 * One request of the registry API, understood and validated (distribution-spec 1.1, "Endpoints").
 * The ids are the spec's.
 */
public sealed interface RegistryRequest {
  /** end-1: does this host speak the API? */
  record CheckVersion() implements RegistryRequest {}

  /** A request for something of a repository. */
  sealed interface InRepository extends RegistryRequest {
    /** The repository as the client named it. */
    RepositoryName repository();

    /**
     * What is asked for, as people write it.
     *
     * @param here the name to call the repository by
     */
    String wanted(RepositoryName here);
  }

  /** end-2: a blob. */
  record GetBlob(RepositoryName repository, Digest digest) implements InRepository {
    @Override
    public String wanted(RepositoryName here) {
      return here + "@" + digest + " (blob)";
    }
  }

  /** end-3: a manifest, by tag or by digest. */
  record GetManifest(RepositoryName repository, Reference reference) implements InRepository {
    @Override
    public String wanted(RepositoryName here) {
      return here + (reference instanceof Tag ? ":" : "@") + reference;
    }
  }

  /** end-8a and end-8b: the tags of a repository. */
  record ListTags(RepositoryName repository, Page page) implements InRepository {
    @Override
    public String wanted(RepositoryName here) {
      return here + " (tags)";
    }
  }

  /** end-12a and end-12b: the manifests whose subject is this digest. */
  record ListReferrers(RepositoryName repository, Digest subject, @Nullable String artifactType)
      implements InRepository {
    @Override
    public String wanted(RepositoryName here) {
      return here + "@" + subject + " (referrers)";
    }
  }

  /** docker/distribution's {@code _catalog}: the repositories held here. */
  record ListRepositories(Page page) implements RegistryRequest {}

  /**
   * Reads a request line. Pure: nothing is looked up.
   *
   * @param method the HTTP method; only GET and HEAD are answered by a cache
   * @param rawPath the path as the client sent it, not decoded, beginning with {@code /v2}
   * @param rawQuery what follows the question mark, not decoded; null where there is none
   * @throws OciException {@link OciError#UNSUPPORTED} for a write, {@link OciError#NAME_INVALID}
   *     and its like for a malformed part, {@link OciError#ENDPOINT_UNKNOWN} where no endpoint
   *     matches
   */
  static RegistryRequest parse(String method, String rawPath, @Nullable String rawQuery) {
    if (!method.equals("GET") && !method.equals("HEAD")) {
      throw new OciException(
          OciError.UNSUPPORTED, method + " is not allowed: this registry is a read-only cache");
    }
    String path = RawPath.check(rawPath);
    Query query = Query.parse(rawQuery);
    if (path.equals("/v2/") || path.equals("/v2")) {
      return new CheckVersion();
    }
    if (!path.startsWith("/v2/")) {
      throw unknown(path);
    }
    if (path.equals("/v2/_catalog")) {
      return new ListRepositories(page(query));
    }
    return parseRepositoryEndpoint(path, query);
  }

  /**
   * A repository may itself be called {@code a/blobs/b}, so the endpoint is told by the end of the
   * path: its last segment, and the one before it.
   */
  private static RegistryRequest parseRepositoryEndpoint(String path, Query query) {
    int lastSlash = path.lastIndexOf('/');
    int wordSlash = path.lastIndexOf('/', lastSlash - 1);
    int nameStart = "/v2/".length();
    if (wordSlash < nameStart) {
      throw unknown(path);
    }
    String last = path.substring(lastSlash + 1);
    String word = path.substring(wordSlash + 1, lastSlash);
    String name = path.substring(nameStart, wordSlash);
    return switch (word) {
      case "blobs" -> new GetBlob(RepositoryName.parse(name), Digest.parse(last));
      case "manifests" -> new GetManifest(RepositoryName.parse(name), Reference.parse(last));
      case "referrers" ->
          new ListReferrers(RepositoryName.parse(name), Digest.parse(last), artifactType(query));
      case "tags" -> {
        if (!last.equals("list")) {
          throw unknown(path);
        }
        yield new ListTags(RepositoryName.parse(name), page(query));
      }
      default -> throw unknown(path);
    };
  }

  /** An empty filter filters nothing. */
  private static @Nullable String artifactType(Query query) {
    String type = query.get("artifactType");
    return type == null || type.isEmpty() ? null : type;
  }

  private static Page page(Query query) {
    return Page.parse(query.get("n"), query.get("last"));
  }

  private static OciException unknown(String path) {
    return new OciException(
        OciError.ENDPOINT_UNKNOWN, Quoted.of(path) + " is no endpoint of the registry API");
  }
}
