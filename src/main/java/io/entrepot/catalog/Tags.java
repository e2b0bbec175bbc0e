package io.entrepot.catalog;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.entrepot.database.Database;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Page;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The part of the catalog about tags: where each leads, and what the upstream has said of it over
 * time. Safe for concurrent use; every method may wait for the database and throws {@link
 * CatalogException} when it fails.
 */
public final class Tags {
  /** Tags answered from memory, some 10 MiB of them. */
  private static final int MAX_CACHED = 20_000;

  private final Database database;

  /**
   * Tags that are known, never those that are not. A load holds its key until it is done, and every
   * change invalidates after its commit, so that nothing stale outlives a change.
   */
  private final Cache<TagKey, TagEntry> known =
      Caffeine.newBuilder().maximumSize(MAX_CACHED).executor(Runnable::run).build();

  Tags(Database database) {
    this.database = database;
  }

  /** What tells one tag from another. */
  record TagKey(RepositoryName repository, Tag tag) {
    @Override
    public String toString() {
      return repository + ":" + tag;
    }
  }

  /** Where a tag leads since the upstream was last asked; asked again, it answers from memory. */
  public Optional<TagEntry> find(RepositoryName repository, Tag tag) {
    return Optional.ofNullable(known.get(new TagKey(repository, tag), this::load));
  }

  private @Nullable TagEntry load(TagKey key) {
    return database
        .read("finding the tag " + key, s -> TagTable.find(s, key.repository(), key.tag()))
        .orElse(null);
  }

  /** Changes a tag; also when the outcome is unknown, memory asks the database again. */
  private void change(TagKey key, String attempt, Database.Work<Boolean> work) {
    try {
      database.write(attempt, work);
    } finally {
      known.invalidate(key);
    }
  }

  /** These were deleted with what they pointed to, or may have been: memory asks again. */
  void forget(List<TagKey> deleted) {
    known.invalidateAll(deleted);
  }

  /**
   * Points a tag to a digest, whatever it pointed to before. Without a deviation this is a sighting
   * as well.
   */
  public void put(TagEntry entry) {
    change(
        new TagKey(entry.repository(), entry.tag()),
        "pointing the tag " + entry.repository() + ":" + entry.tag() + " to " + entry.digest(),
        session -> {
          long at = entry.resolvedAt().toEpochMilli();
          TagTable.put(session, entry);
          if (entry.deviation() == null) {
            SightingTable.see(session, entry.repository(), entry.tag(), entry.digest(), at, true);
          } else {
            SightingTable.serve(session, entry.repository(), entry.tag(), entry.digest());
          }
          return true;
        });
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
   * What the upstream has said of a tag, the latest word first, at most a hundred digests. Survives
   * the eviction and the deletion of the tag, for two years.
   */
  public List<Sighting> history(RepositoryName repository, Tag tag) {
    return database.read(
        "reading the history of " + repository + ":" + tag,
        session -> SightingTable.list(session, repository, tag));
  }

  /** Forgets where a tag leads, if that is known; its history stays. */
  public void forget(RepositoryName repository, Tag tag) {
    TagKey key = new TagKey(repository, tag);
    change(key, "forgetting the tag " + key, s -> TagTable.delete(s, repository, tag) > 0);
  }

  /** The tags of a repository in ASCII order, at most {@link Catalog#MAX_PAGE} at once. */
  public List<String> list(RepositoryName repository, Page page) {
    return database.read(
        "listing the tags of " + repository,
        session -> TagTable.list(session, repository, Catalog.begin(page), Catalog.limit(page)));
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
}
