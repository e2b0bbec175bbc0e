package io.entrepot.oci;

import org.jspecify.annotations.Nullable;

/**
 * A parsed and validated request of the registry API (distribution-spec 1.1, "Endpoints"). The ids,
 * such as end-1, are from the specification.
 */
public sealed interface RegistryRequest {
  /** end-1: the check whether this host supports the API. */
  record CheckVersion() implements RegistryRequest {}

  /** The root of this host, which no registry client asks for, but a person with a browser does. */
  record GetRoot() implements RegistryRequest {}

  /** A request for content of a repository. */
  sealed interface InRepository extends RegistryRequest {
    /** The repository name in the path of the request. */
    RepositoryName repository();

    /**
     * The requested content, as people write it.
     *
     * @param here the repository name to use in the text
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
  record ListReferrers(
      RepositoryName repository,
      Digest subject,
      @Nullable String artifactType,
      @Nullable Cursor cursor)
      implements InRepository {
    /** From the begin of the list. */
    public ListReferrers(RepositoryName repository, Digest subject, @Nullable String artifactType) {
      this(repository, subject, artifactType, null);
    }

    @Override
    public String wanted(RepositoryName here) {
      return here + "@" + subject + " (referrers)";
    }
  }

  /** {@code _catalog} of docker/distribution: the repositories that this cache holds. */
  record ListRepositories(Page page) implements RegistryRequest {}

  /**
   * Parses a request line. Uses nothing but the arguments.
   *
   * @param method the HTTP method; a cache supports only GET and HEAD
   * @param rawPath the path as the client sent it, not decoded; it begins with {@code /v2}
   * @param rawQuery the text after the question mark, not decoded; null if there is none
   * @throws OciException with {@link OciError#UNSUPPORTED} for a write; {@link
   *     OciError#NAME_INVALID} or a similar error for a malformed part; {@link
   *     OciError#ENDPOINT_UNKNOWN} if no endpoint matches
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
    if (path.equals("/")) {
      return new GetRoot();
    }
    if (!path.startsWith("/v2/")) {
      throw unknown(path);
    }
    if (path.equals("/v2/_catalog")) {
      return new ListRepositories(Page.parse(query.get("n"), query.get("last")));
    }
    return parseRepositoryEndpoint(path, query);
  }

  /**
   * A repository may have the name {@code a/blobs/b}. So the last two segments of the path decide
   * which endpoint it is.
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
          new ListReferrers(
              RepositoryName.parse(name),
              Digest.parse(last),
              artifactType(query),
              Page.parse(query).cursor());
      case "tags" -> {
        if (!last.equals("list")) {
          throw unknown(path);
        }
        yield new ListTags(RepositoryName.parse(name), Page.parse(query));
      }
      default -> throw unknown(path);
    };
  }

  /** The filter of referrers. An empty filter is the same as no filter. */
  private static @Nullable String artifactType(Query query) {
    String type = query.get("artifactType");
    return type == null || type.isEmpty() ? null : type;
  }

  /** The error for a path that no client of a registry asks for. */
  static OciException unknown(String path) {
    return new OciException(
        OciError.ENDPOINT_UNKNOWN, Quoted.of(path) + " is not an endpoint of the registry API");
  }
}
