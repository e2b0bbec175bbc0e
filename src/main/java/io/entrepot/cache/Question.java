package io.entrepot.cache;

import io.entrepot.oci.Digest;
import io.entrepot.oci.Page;
import io.entrepot.oci.Reference;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import org.jspecify.annotations.Nullable;

/**
 * A question to a source: the key of all that is remembered of its answer. The repository is named
 * as it is here.
 */
public sealed interface Question {
  /** Whose content is asked for. */
  RepositoryName repository();

  /**
   * What is refused together: where the upstream refuses to answer one of these questions, no older
   * answer to any of them is served.
   */
  default Question refusedWith() {
    return this;
  }

  /** Whether the repository has this blob, and how large it is. */
  record OfBlob(RepositoryName repository, Digest digest) implements Question {}

  /** A manifest. */
  record OfManifest(RepositoryName repository, Digest digest) implements Question {}

  /** Where a tag points, and the manifest there. */
  record OfTag(RepositoryName repository, Tag tag) implements Question {}

  /** Whether a tag that is never to move has moved all the same. */
  record OfMove(RepositoryName repository, Tag tag) implements Question {}

  /** A page of the tags. */
  record OfTags(RepositoryName repository, Page page) implements Question {
    @Override
    public Question refusedWith() {
      return new OfTags(repository, Page.ALL);
    }
  }

  /**
   * The referrers of a digest.
   *
   * @param artifactType the only kind wanted; null for all
   */
  record OfReferrers(
      RepositoryName repository, @Nullable Digest subject, @Nullable String artifactType)
      implements Question {
    @Override
    public Question refusedWith() {
      return new OfReferrers(repository, null, null);
    }
  }

  /** The question for a manifest by tag or by digest. */
  static Question of(RepositoryName repository, Reference reference) {
    return reference instanceof Digest digest
        ? new OfManifest(repository, digest)
        : new OfTag(repository, (Tag) reference);
  }
}
