package io.entrepot.admin;

import io.entrepot.access.Viewer;
import io.entrepot.cache.blobs.InFlightBlobs;
import io.entrepot.cache.tags.ReferrersCache;
import io.entrepot.catalog.Catalog;
import io.entrepot.catalog.Images;
import io.entrepot.catalog.Removal;
import io.entrepot.catalog.RepositoryRange;
import io.entrepot.catalog.TagEntry;
import io.entrepot.catalog.Tags.TagKey;
import io.entrepot.expiry.Evictor;
import io.entrepot.expiry.Retention;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import io.entrepot.routing.Sources;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Takes content out of this cache by a person's wish. The links and the tags go at once, so that no
 * request finds them from then on. The bytes that nobody has any more go after the grace of the
 * store. What is pinned, or being fetched or read, stays, and the person is told why. Thread-safe.
 */
public final class Purges {
  /** How often a purge is planned anew because something has changed meanwhile. */
  private static final int ATTEMPTS = 5;

  private final Sources sources;
  private final Catalog catalog;
  private final Evictor evictor;
  private final Retention retention;
  private final ReferrersCache referrers;
  private final Busy busy;

  /**
   * What clients are at just now.
   *
   * @param fills the blobs that are being fetched
   * @param read whether somebody reads a digest
   */
  public record Busy(InFlightBlobs fills, Predicate<Digest> read) {}

  /** Wires the collaborators. */
  public Purges(
      Sources sources,
      Catalog catalog,
      Evictor evictor,
      Retention retention,
      ReferrersCache referrers,
      Busy busy) {
    this.sources = sources;
    this.catalog = catalog;
    this.evictor = evictor;
    this.retention = retention;
    this.referrers = referrers;
    this.busy = busy;
  }

  /** Purges a whole repository. */
  Purged repository(RepositoryName repository, boolean dryRun) {
    List<String> tags = catalog.tags().all(repository);
    tags.forEach(tag -> checkNotPinned(repository, new Tag(tag)));
    if (busy.fills().isFilledFor(repository)) {
      throw new ConflictException(
          "nothing was purged: a blob of " + shown(repository) + " is being fetched; try again");
    }
    Purged.Sum sum = new Purged.Sum();
    tags.forEach(tag -> sum.add(shown(repository) + ":" + tag));
    List<Removal.Part> parts = catalog.images().partsOf(repository);
    parts.forEach(part -> checkIdle(part.digest()));
    if (dryRun) {
      catalog.repositories().entries(List.of(repository)).forEach(sum::add);
      return sum.dryRun(parts);
    }
    while (!parts.isEmpty()) {
      parts = catalog.images().removeAll(repository);
      evictor.unlinked(parts.stream().map(Removal.Part::digest).toList());
      sum.add(parts);
    }
    // These lead to manifests that were not here.
    catalog.tags().all(repository).forEach(tag -> catalog.tags().forget(repository, new Tag(tag)));
    referrers.forget(repository);
    return sum.done();
  }

  /** Purges a tag, and its image unless something else leads to it. */
  Purged tag(RepositoryName repository, Tag tag, boolean dryRun) {
    checkNotPinned(repository, tag);
    Optional<TagEntry> entry = catalog.tags().find(repository, tag);
    if (entry.isEmpty()) {
      return new Purged.Sum().done();
    }
    Digest digest = entry.get().digest();
    boolean isNeeded =
        catalog.tags().pointing(digest, repository).size() > 1
            || catalog.images().isListed(digest, repository);
    if (!isNeeded) {
      return digest(digest, repository, dryRun);
    }
    if (!dryRun) {
      catalog.tags().forget(repository, tag);
    }
    Purged.Sum sum = new Purged.Sum();
    sum.add(shown(repository) + ":" + tag);
    return dryRun ? sum.dryRun(List.of()) : sum.done();
  }

  /**
   * Purges a digest with its tags, and what nothing else needs of what it lists.
   *
   * @param repository which repository loses it; null if all do
   */
  Purged digest(Digest digest, @Nullable RepositoryName repository, boolean dryRun) {
    checkNotPinned(digest, repository);
    RepositoryRange range = repository == null ? null : RepositoryRange.of(repository);
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Set<TagKey> own = Set.copyOf(catalog.tags().pointing(digest, repository));
      Images.Keeping others = (name, tag) -> !own.contains(new TagKey(name, tag));
      Removal plan = catalog.images().removal(digest, range, others);
      plan.digests().forEach(this::checkIdle);
      plan.awaited().forEach(this::checkIdle);
      Purged.Sum sum = new Purged.Sum();
      own.forEach(key -> sum.add(shown(key.repository()) + ":" + key.tag()));
      if (dryRun) {
        sum.add(plan.parts());
        return sum.dryRun(List.of());
      }
      if (plan.isEmpty()) { // the manifest is not here
        own.forEach(key -> catalog.tags().forget(key.repository(), key.tag()));
        return sum.done();
      }
      if (catalog.images().remove(plan, others)) {
        evictor.unlinked(plan.digests());
        sum.add(plan.parts());
        referrers.forget(repository);
        return sum.done();
      }
    }
    throw new ConflictException(
        "nothing was purged: " + digest + " is changing all the time; try again");
  }

  /** Purges a digest from all repositories that the viewer may pull. */
  Purged blob(Digest digest, Viewer viewer, boolean dryRun) {
    Set<RepositoryName> all = new HashSet<>();
    catalog.links(digest).forEach(link -> all.add(link.repository()));
    List<RepositoryName> seen = all.stream().filter(name -> viewer.mayPull(name.value())).toList();
    if (seen.isEmpty()) {
      return new Purged.Sum().done();
    }
    if (seen.size() == all.size()) {
      return digest(digest, null, dryRun);
    }
    seen.forEach(repository -> checkNotPinned(digest, repository));
    Purged.Sum sum = new Purged.Sum();
    seen.forEach(repository -> sum.add(digest(digest, repository, dryRun)));
    return dryRun ? sum.dryRun(List.of()) : sum.done();
  }

  private void checkNotPinned(RepositoryName repository, Tag tag) {
    if (retention.isPinned(repository, tag)) {
      throw new ConflictException(
          "nothing was purged: %s:%s is pinned; take the pin away first"
              .formatted(shown(repository), tag));
    }
  }

  private void checkNotPinned(Digest digest, @Nullable RepositoryName repository) {
    if (retention.pins().isEmpty()) {
      return;
    }
    Collection<RepositoryName> pinning = catalog.tags().pinning(digest, retention.pins());
    Optional<RepositoryName> kept =
        pinning.stream().filter(name -> repository == null || name.equals(repository)).findFirst();
    if (kept.isPresent()) {
      throw new ConflictException(
          "nothing was purged: a pinned tag of %s needs %s; take the pin away first"
              .formatted(shown(kept.get()), digest));
    }
  }

  private void checkIdle(Digest digest) {
    boolean isFilled = busy.fills().contains(digest);
    if (isFilled || busy.read().test(digest)) {
      throw new ConflictException(
          "nothing was purged: %s is being %s for a client; try again when that has ended"
              .formatted(digest, isFilled ? "fetched" : "read"));
    }
  }

  private String shown(RepositoryName repository) {
    return sources.pathOf(repository).orElse(repository).value();
  }
}
