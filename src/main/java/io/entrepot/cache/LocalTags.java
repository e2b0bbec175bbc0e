package io.entrepot.cache;

import io.entrepot.catalog.Sighting;
import io.entrepot.catalog.TagEntry;
import io.entrepot.catalog.Tags;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Page;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What is known here about tags: where each leads, and which digests the upstream has returned for
 * it. A failure to record is only logged. A question that the database cannot answer is a 503
 * (F19). Thread-safe.
 */
public final class LocalTags {
  private final Tags tags;
  private final CatalogCalls calls;
  private final MovedTags moved = new MovedTags();

  LocalTags(Tags tags, CatalogCalls calls) {
    this.tags = tags;
    this.calls = calls;
  }

  /** Finds the entry of a tag if it is in memory. Never queries the database. */
  public Optional<TagEntry> findKnown(RepositoryName repository, Tag tag) {
    return tags.inMemory(repository, tag);
  }

  /** Finds the entry of a tag. May query the database. */
  public Optional<TagEntry> find(RepositoryName repository, Tag tag) {
    return calls.ask(() -> tags.find(repository, tag));
  }

  /** The tags that lead elsewhere than before. */
  public MovedTags moved() {
    return moved;
  }

  /** Records the entry of a tag. */
  public void put(TagEntry entry) {
    findKnown(entry.repository(), entry.tag())
        .filter(before -> !before.digest().equals(entry.digest()))
        .ifPresent(
            before -> moved.note(entry.repository(), entry.tag(), before.digest(), entry.digest()));
    calls.record("the tag " + entry.repository() + ":" + entry.tag(), () -> tags.put(entry));
  }

  /**
   * Adds a digest to the history of a tag: the upstream has returned it. Clients may get another
   * one.
   */
  public void see(RepositoryName repository, Tag tag, Digest digest, Instant now) {
    calls.record(
        "the digest of " + repository + ":" + tag, () -> tags.see(repository, tag, digest, now));
  }

  /** The digests that the upstream has returned for a tag, the latest first. */
  public List<Sighting> history(RepositoryName repository, Tag tag) {
    return calls.ask(() -> tags.history(repository, tag));
  }

  /** Removes the entry of a tag. */
  public void forget(RepositoryName repository, Tag tag) {
    calls.record("that " + repository + ":" + tag + " is gone", () -> tags.forget(repository, tag));
  }

  /** A page of the stored tags of a repository, sorted. */
  public List<String> list(RepositoryName repository, Page page) {
    return calls.ask(() -> tags.list(repository, page));
  }
}
