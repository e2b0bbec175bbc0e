package io.entrepot.catalog;

import io.entrepot.database.Changes;
import io.entrepot.database.Database;
import io.entrepot.database.Session;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.memory.Share;
import io.entrepot.memory.Weight;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Page;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The part of the catalog about tags: where each leads, and what the upstream has said of it over
 * time. Safe for concurrent use. {@link #inMemory} never waits; all other methods may wait for the
 * database, and throw {@link io.entrepot.database.DatabaseException} when it fails.
 */
public final class Tags {
  private final Database database;
  private final Changes changes;

  private final RowCache<TagKey, TagEntry> known;

  Tags(Database database, MemoryBudget memory, Others others) {
    this.database = database;
    this.changes = others.changes();
    this.known = new RowCache<>(memory.cache(Share.TAGS, Tags::weight), others.knowledge());
  }

  private static int weight(TagKey key, TagEntry entry) {
    return Weight.ENTRY
        + 5 * Weight.RECORD
        + Weight.ofAscii(key.repository().value())
        + Weight.ofAscii(key.tag().value())
        + Weight.ofAscii(entry.digest().hex());
  }

  /** What tells one tag from another. */
  public record TagKey(RepositoryName repository, Tag tag) {
    @Override
    public String toString() {
      return repository + ":" + tag;
    }
  }

  /**
   * Where a tag leads since the upstream was last asked. A tag that was just put, and one that was
   * found before, are answered from memory.
   */
  public Optional<TagEntry> find(RepositoryName repository, Tag tag) {
    return known.find(
        new TagKey(repository, tag),
        key -> database.read("finding the tag " + key, s -> TagTable.find(s, repository, tag)));
  }

  /**
   * As {@link #find}, but from memory only: never waits.
   *
   * @return empty where only the database can tell
   */
  public Optional<TagEntry> inMemory(RepositoryName repository, Tag tag) {
    return known.inMemory(new TagKey(repository, tag));
  }

  /** Forgets all that is in memory. */
  void forgetAll() {
    known.forgetAll();
  }

  /** Forgets in memory tags that were deleted, or may have been, with what they pointed to. */
  void forget(List<TagKey> deleted) {
    known.forget(deleted);
  }

  /**
   * Points a tag to a digest, whatever it pointed to before. Without a deviation this is a sighting
   * as well.
   */
  public void put(TagEntry entry) {
    TagKey key = new TagKey(entry.repository(), entry.tag());
    known.write(
        key,
        () ->
            database.write(
                "pointing the tag " + key + " to " + entry.digest(), s -> put(s, entry)));
  }

  private TagEntry put(Session session, TagEntry entry) throws SQLException {
    TagEntry row = entry.inWholeMillis();
    if (!TagTable.put(session, row)) {
      changes.tell(session, Others.TAG, Others.told(row.repository(), row.tag()));
    }
    if (row.deviation() == null) {
      long at = row.resolvedAt().toEpochMilli();
      SightingTable.see(session, row.repository(), row.tag(), row.digest(), at, true);
    } else {
      SightingTable.serve(session, row.repository(), row.tag(), row.digest());
    }
    return row;
  }

  /** Notes that the upstream names a digest for a tag, whether or not clients will get it. */
  public void see(RepositoryName repository, Tag tag, Digest digest, Instant now) {
    database.write(
        "noting that " + repository + ":" + tag + " is " + digest,
        session -> {
          SightingTable.see(session, repository, tag, digest, now.toEpochMilli(), false);
          return true;
        });
  }

  /**
   * What the upstream has said of a tag, the latest first, at most a hundred digests. It outlives
   * the eviction and the deletion of the tag by two years.
   */
  public List<Sighting> history(RepositoryName repository, Tag tag) {
    return database.read(
        "reading the history of " + repository + ":" + tag,
        session -> SightingTable.list(session, repository, tag));
  }

  /** Forgets where a tag leads, if that is known; its history stays. */
  public void forget(RepositoryName repository, Tag tag) {
    TagKey key = new TagKey(repository, tag);
    try {
      database.write(
          "forgetting the tag " + key,
          session -> {
            changes.tell(session, Others.TAG, Others.told(repository, tag));
            return TagTable.delete(session, repository, tag);
          });
    } finally {
      known.forget(key);
    }
  }

  /** The tags of a repository in ASCII order, at most {@link Catalog#MAX_PAGE} at once. */
  public List<String> list(RepositoryName repository, Page page) {
    return database.read(
        "listing the tags of " + repository,
        session -> TagTable.list(session, repository, begin(page), limit(page)));
  }

  /** All tags of a repository, in ASCII order. */
  public List<String> all(RepositoryName repository) {
    List<String> all = new ArrayList<>();
    List<String> page = list(repository, Page.ALL);
    while (!page.isEmpty()) {
      all.addAll(page);
      page = list(repository, new Page(null, page.get(page.size() - 1)));
    }
    return all;
  }

  /**
   * The tags that lead to a digest.
   *
   * @param repository whose; null for those of all
   */
  public List<TagKey> pointing(Digest digest, @Nullable RepositoryName repository) {
    return database.read(
        "listing the tags of " + digest,
        session ->
            repository == null
                ? TagTable.pointing(session, digest)
                : TagTable.pointing(session, repository, digest));
  }

  /**
   * The repositories in which a pinned tag leads to a digest, by itself or through what it lists,
   * two levels down.
   *
   * @param pins at least one
   */
  public Set<RepositoryName> pinning(Digest digest, List<Pin> pins) {
    return database.read(
        "asking whether " + digest + " is pinned",
        session -> PinnedTags.needing(session, digest, pins));
  }

  private static String begin(Page page) {
    String last = page.last();
    return last == null ? "" : last;
  }

  private static int limit(Page page) {
    Integer n = page.n();
    return n == null ? Catalog.MAX_PAGE : Math.min(n, Catalog.MAX_PAGE);
  }
}
