package io.entrepot.catalog;

import io.entrepot.oci.Digest;
import io.entrepot.oci.Page;
import io.entrepot.oci.Pin;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The part of the catalog about tags: where each leads, and what the upstream has said of it over
 * time. Safe for concurrent use; every method may wait for the database and throws {@link
 * CatalogException} when it fails.
 */
public final class Tags {
  private final Database database;

  Tags(Database database) {
    this.database = database;
  }

  /** Where a tag leads since the upstream was last asked. */
  public Optional<TagEntry> find(RepositoryName repository, Tag tag) {
    return database.read(
        "finding the tag " + repository + ":" + tag, s -> TagTable.find(s, repository, tag));
  }

  /**
   * Points a tag to a digest, whatever it pointed to before. Without a deviation this is a sighting
   * as well.
   */
  public void put(TagEntry entry) {
    database.write(
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
    database.write(
        "forgetting the tag " + repository + ":" + tag, s -> TagTable.delete(s, repository, tag));
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
