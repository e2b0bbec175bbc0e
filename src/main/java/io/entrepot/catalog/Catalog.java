package io.entrepot.catalog;

import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.Page;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The index of what the store holds and which repository may serve it. The store is the truth: what
 * is lost here costs upstream HEADs, never a wrong answer (design ruling 3).
 *
 * <p>Safe for concurrent use. Every method but {@link #use} may wait for the database, within the
 * data source's own timeouts, and throws {@link CatalogException} when it fails: absent is only
 * said when the database said so.
 */
@SuppressWarnings({"DoNotCallSuggester", "UnusedVariable"}) // bodies follow
public final class Catalog implements AutoCloseable {
  /** The longest list one call returns, so that no answer outgrows the heap. */
  public static final int MAX_PAGE = 10_000;

  /**
   * Creates or migrates the tables.
   *
   * @param dataSource H2 2.5 or PostgreSQL 15 and later; stays the caller's to close
   * @param clock dates each {@link #use}
   */
  public Catalog(DataSource dataSource, Clock clock) {
    throw new UnsupportedOperationException("to come " + dataSource + clock);
  }

  /**
   * Whether a repository may serve a digest. A repeated hit is answered from memory, where the
   * times are those of the first.
   */
  public Optional<Link> findLink(RepositoryName repository, Digest digest, LinkKind kind) {
    throw todo();
  }

  /**
   * Makes or renews a link, and the blob with it; fetched and last used are both now.
   *
   * @param size in bytes, 0 or more
   * @param mediaType as the upstream sent it; null leaves what is known
   */
  public void link(
      RepositoryName repository,
      Digest digest,
      LinkKind kind,
      long size,
      @Nullable String mediaType,
      Instant now) {
    throw todo();
  }

  /** Links a manifest and remembers what it lists, in one transaction. */
  public void linkManifest(RepositoryName repository, Manifest manifest, Instant now) {
    throw todo();
  }

  /** Notes in memory that a client uses a link; {@link #flush} writes it. Never waits. */
  public void use(RepositoryName repository, Digest digest, LinkKind kind) {
    throw todo();
  }

  /**
   * Writes the uses noted so far. Use of a manifest counts as use of what it lists in the same
   * repository, two levels down (index, manifests, layers), since clients do not ask again for
   * layers that they have.
   */
  public void flush() {
    throw todo();
  }

  /** What a tag pointed to when the upstream was last asked. */
  public Optional<TagEntry> findTag(RepositoryName repository, Tag tag) {
    throw todo();
  }

  /** Points a tag to a digest, whatever it pointed to before. */
  public void putTag(RepositoryName repository, Tag tag, Digest digest, Instant resolvedAt) {
    throw todo();
  }

  /** Forgets a tag, if it is known. */
  public void forgetTag(RepositoryName repository, Tag tag) {
    throw todo();
  }

  /** The tags of a repository in ASCII order, at most {@link #MAX_PAGE} at once. */
  public List<String> tags(RepositoryName repository, Page page) {
    throw todo();
  }

  /** The repositories with a link, in ASCII order, at most {@link #MAX_PAGE} at once. */
  public List<RepositoryName> repositories(Page page) {
    throw todo();
  }

  /** Every link to a digest, of all repositories and kinds. */
  public List<Link> links(Digest digest) {
    throw todo();
  }

  /**
   * Removes a link, and the tags of its repository that point to it as a manifest.
   *
   * @return whether it went: not when it was renewed or used since it was read
   */
  public boolean unlink(Link link) {
    throw todo();
  }

  /**
   * Removes a blob, what it lists and the tags that point to it, if no link is left.
   *
   * @return whether the catalog does not know the blob now
   */
  public boolean forget(Digest digest) {
    throw todo();
  }

  /** What is known of a blob, linked or not. */
  public Optional<StoredBlob> findBlob(Digest digest) {
    throw todo();
  }

  /** Takes in a blob found in the store that no repository has yet; a known blob stays as it is. */
  public void adopt(Digest digest, long size, Instant now) {
    throw todo();
  }

  /**
   * One batch of all blobs, in the order of their digests.
   *
   * @param last the last digest of the batch before; null to begin
   * @param max 1 to {@link #MAX_PAGE}
   */
  public List<Digest> digestsAfter(@Nullable Digest last, int max) {
    throw todo();
  }

  /** Counts everything; reads whole tables, so ask seldom. */
  public CatalogStats stats() {
    throw todo();
  }

  /** What was last put under a name. */
  public Optional<String> findSetting(String name) {
    throw todo();
  }

  /**
   * Keeps a small text across restarts.
   *
   * @param name at most 100 characters
   * @param value at most 1,000 characters; null forgets the name
   */
  public void putSetting(String name, @Nullable String value) {
    throw todo();
  }

  /** Flushes; the data source stays open. */
  @Override
  public void close() {}

  private static UnsupportedOperationException todo() {
    return new UnsupportedOperationException("to come");
  }
}
