package io.entrepot.cache;

import io.entrepot.memory.Weight;
import io.entrepot.oci.Cursor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Page;
import io.entrepot.oci.Reference;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import io.entrepot.routing.Source;
import org.jspecify.annotations.Nullable;

/**
 * A question to a source. It is the key under which its answer, absence or refusal is kept. It
 * contains the name of the repository in this cache.
 */
public sealed interface Question {
  /** The name of the repository in this cache. */
  RepositoryName repository();

  /** The bytes of memory that it takes as a key. */
  default int weight() {
    return Weight.ENTRY
        + 2 * Weight.RECORD
        + Weight.ofAscii(repository().value())
        + Weight.of(wanted());
  }

  /** What of the repository is asked for, as text. */
  String wanted();

  /**
   * The key of a group of questions. If the upstream refuses one of them, no older answer to any
   * question of the group is served.
   */
  default Question refusedWith() {
    return this;
  }

  /** Asks whether the repository has a blob, and for its size. */
  record OfBlob(RepositoryName repository, Digest digest) implements Question {
    @Override
    public String wanted() {
      return digest.hex();
    }
  }

  /** Asks for a manifest. */
  record OfManifest(RepositoryName repository, Digest digest) implements Question {
    @Override
    public String wanted() {
      return digest.hex();
    }
  }

  /** Asks for the digest that a tag points to, and for its manifest. */
  record OfTag(RepositoryName repository, Tag tag) implements Question {
    @Override
    public String wanted() {
      return tag.value();
    }
  }

  /** Asks whether an immutable tag has moved. */
  record OfMove(RepositoryName repository, Tag tag) implements Question {
    @Override
    public String wanted() {
      return tag.value();
    }
  }

  /** Asks for a page of the tags. */
  record OfTags(RepositoryName repository, Page page) implements Question {
    @Override
    public String wanted() {
      Cursor cursor = page.cursor();
      return page.last() + (cursor == null ? "" : cursor.toString());
    }

    @Override
    public Question refusedWith() {
      return new OfTags(repository, Page.ALL);
    }
  }

  /**
   * Asks for the referrers of a digest.
   *
   * @param artifactType the type of the wanted referrers; null for all
   * @param cursor where the list goes on; null to begin
   */
  record OfReferrers(
      RepositoryName repository,
      @Nullable Digest subject,
      @Nullable String artifactType,
      @Nullable Cursor cursor)
      implements Question {
    @Override
    public String wanted() {
      return "" + subject + artifactType + cursor;
    }

    @Override
    public Question refusedWith() {
      return new OfReferrers(repository, null, null, null);
    }
  }

  /**
   * A question of one client, where the upstream's answer is for that client alone.
   *
   * @param client see {@link Source#client}
   */
  record OfClient(Question asked, String client) implements Question {
    @Override
    public RepositoryName repository() {
      return asked.repository();
    }

    @Override
    public String wanted() {
      return asked.wanted() + client;
    }

    @Override
    public Question refusedWith() {
      return new OfClient(asked.refusedWith(), client);
    }
  }

  /** This question as the client of a source asks it. */
  default Question by(Source source) {
    return source.client().isEmpty() ? this : new OfClient(this, source.client());
  }

  /** The question for a manifest by tag or by digest. */
  static Question of(Source source, Reference reference) {
    RepositoryName repository = source.repository();
    Question asked =
        reference instanceof Digest digest
            ? new OfManifest(repository, digest)
            : new OfTag(repository, (Tag) reference);
    return asked.by(source);
  }
}
