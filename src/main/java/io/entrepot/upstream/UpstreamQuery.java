package io.entrepot.upstream;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import org.jspecify.annotations.Nullable;

/**
 * One question to an upstream. {@link Upstream} has a method for each, which says what the answer
 * means. {@code toString} names what is asked for, in the words of a message.
 *
 * @param <T> the type of the answer
 */
public sealed interface UpstreamQuery<T> {
  /** Which part of the registry API is asked: the tag {@code kind} of the metrics. */
  String kind();

  /** Whose content is asked for; null where the question is about the upstream itself. */
  @Nullable RepositoryName repository();

  /** The same question about another repository. */
  UpstreamQuery<T> at(RepositoryName other);

  /** The right that a token must give. */
  default Scope scope() {
    RepositoryName repository = repository();
    return repository == null ? Scope.NONE : Scope.pull(repository);
  }

  /** Is this blob here, and how large is it? (end-2, HEAD) */
  record HeadBlob(RepositoryName repository, Digest digest) implements UpstreamQuery<Descriptor> {
    @Override
    public HeadBlob at(RepositoryName other) {
      return new HeadBlob(other, digest);
    }

    @Override
    public String kind() {
      return "blob";
    }

    @Override
    public String toString() {
      return "blob " + digest + " of " + repository;
    }
  }

  /** The bytes of a blob. (end-2, GET) */
  record FetchBlob(RepositoryName repository, Digest digest, FetchRange range)
      implements UpstreamQuery<UpstreamBody> {
    @Override
    public FetchBlob at(RepositoryName other) {
      return new FetchBlob(other, digest, range);
    }

    @Override
    public String kind() {
      return "blob";
    }

    @Override
    public String toString() {
      return "blob " + digest + " of " + repository;
    }
  }

  /** Which digest has this tag? (end-3, HEAD) */
  record ResolveTag(RepositoryName repository, Tag tag) implements UpstreamQuery<Resolution> {
    @Override
    public ResolveTag at(RepositoryName other) {
      return new ResolveTag(other, tag);
    }

    @Override
    public String kind() {
      return "manifest";
    }

    @Override
    public String toString() {
      return repository + ":" + tag;
    }
  }

  /** What is the manifest of this tag? For where the answer to a HEAD was wrong. (end-3, GET) */
  record FetchTag(RepositoryName repository, Tag tag) implements UpstreamQuery<Resolution> {
    @Override
    public FetchTag at(RepositoryName other) {
      return new FetchTag(other, tag);
    }

    @Override
    public String kind() {
      return "manifest";
    }

    @Override
    public String toString() {
      return repository + ":" + tag;
    }
  }

  /** Is this manifest here? (end-3, HEAD) */
  record HeadManifest(RepositoryName repository, Digest digest)
      implements UpstreamQuery<Descriptor> {
    @Override
    public HeadManifest at(RepositoryName other) {
      return new HeadManifest(other, digest);
    }

    @Override
    public String kind() {
      return "manifest";
    }

    @Override
    public String toString() {
      return repository + "@" + digest;
    }
  }

  /** A manifest by its digest. (end-3, GET) */
  record FetchManifest(RepositoryName repository, Digest digest)
      implements UpstreamQuery<Manifest> {
    @Override
    public FetchManifest at(RepositoryName other) {
      return new FetchManifest(other, digest);
    }

    @Override
    public String kind() {
      return "manifest";
    }

    @Override
    public String toString() {
      return repository + "@" + digest;
    }
  }

  /**
   * One page of the list of tags. (end-8a, end-8b)
   *
   * @param query the query of the request, encoded; empty for none
   */
  record ListTags(RepositoryName repository, String query) implements UpstreamQuery<TagPage> {
    @Override
    public ListTags at(RepositoryName other) {
      return new ListTags(other, query);
    }

    @Override
    public String kind() {
      return "tags";
    }

    @Override
    public String toString() {
      return "the list of tags of " + repository;
    }
  }

  /**
   * The list of referrers. (end-12a, end-12b)
   *
   * @param artifactType the only type that is wanted, or null for all
   * @param next the query of the upstream's link to a next page, or null to begin
   */
  record ListReferrers(
      RepositoryName repository,
      Digest subject,
      @Nullable String artifactType,
      @Nullable String next)
      implements UpstreamQuery<Referrers> {
    @Override
    public ListReferrers at(RepositoryName other) {
      return new ListReferrers(other, subject, artifactType, next);
    }

    @Override
    public String kind() {
      return "referrers";
    }

    @Override
    public String toString() {
      return "the list of referrers of " + subject;
    }
  }

  /** Is the registry API there, and does it let us in? (end-1) The answer is always true. */
  record Ping() implements UpstreamQuery<Boolean> {
    @Override
    public Ping at(RepositoryName other) {
      return this;
    }

    @Override
    public String kind() {
      return "ping";
    }

    @Override
    public @Nullable RepositoryName repository() {
      return null;
    }

    @Override
    public String toString() {
      return "the registry API";
    }
  }
}
