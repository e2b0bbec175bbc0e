package io.entrepot.catalog;

import io.entrepot.database.Changes;
import io.entrepot.database.Database;
import io.entrepot.database.Session;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * The part of the catalog about images: what goes with one, and which was not used for longest. An
 * image is what no manifest here lists: an index or a manifest, or a blob whose manifest is not
 * known.
 *
 * <p>To purge an image, ask {@link #removal} with its repository, and with the tags that keep what
 * they lead to. That is the dry run: {@link Removal#parts} go, and {@link Removal#bytes} come back.
 * Then {@link #remove} takes the links and tags away, so that no request finds them from then on.
 * Where it says false, something has changed since: plan again. At last give the digests to {@code
 * Evictor.unlinked}, which deletes the bytes that nobody has any more.
 *
 * <pre>
 * Removal plan = images.removal(digest, range, (repo, tag) -&gt; !tag.equals(purged));
 * if (!plan.isEmpty() &amp;&amp; images.remove(plan, sameKeeping)) {
 *   evictor.unlinked(plan.digests());
 * }
 * </pre>
 *
 * <p>Safe for concurrent use. All methods may wait for the database, and throw {@link
 * io.entrepot.database.DatabaseException} when it fails.
 */
public final class Images {
  private final Database database;
  private final Changes changes;
  private final Memory memory;

  /** Held shared while a manifest is linked, so that nothing goes which it lists. */
  private final ReadWriteLock arrivals = new ReentrantReadWriteLock();

  Images(Database database, Changes changes, Memory memory) {
    this.database = database;
    this.changes = changes;
    this.memory = memory;
  }

  /** What is in memory of the tables. */
  interface Memory {
    /** Forgets rows that were deleted, or may have been. */
    void forget(List<LinkKey> links, List<Tags.TagKey> tags);
  }

  /**
   * An image and when it was last used.
   *
   * @param usedAt in milliseconds; 0 if nobody is known to have used it
   */
  public record Image(Digest digest, long usedAt) {}

  /** Decides which tags keep what they lead to. */
  @FunctionalInterface
  public interface Keeping {
    /** Whether this tag keeps what it leads to. Must not block. */
    boolean keeps(RepositoryName repository, Tag tag);
  }

  /**
   * Finds what would go with an image: what it lists, and what refers to it, if no manifest that
   * stays lists it. No blob goes whose manifest stays.
   *
   * @param range which repositories are to lose the image; null if all are. Of what the others
   *     have, the links go and the bytes stay.
   * @param keeping which tags keep what they lead to
   */
  public Removal removal(Digest image, @Nullable RepositoryRange range, Keeping keeping) {
    return database.read(
        "finding what goes with " + image,
        session -> new RemovalPlan(session, range, keeping).of(image));
  }

  /**
   * Takes links and tags away, in one transaction. The bytes stay.
   *
   * @param keeping the same as before
   * @return false where something has changed since the removal was planned, so that nothing went
   */
  public boolean remove(Removal planned, Keeping keeping) {
    return removing(
        "removing the image " + planned.image(),
        (session, gone) -> {
          @Nullable RepositoryRange range = planned.range().orElse(null);
          Removal now = new RemovalPlan(session, range, keeping).of(planned.image());
          if (!now.equals(planned)) {
            return false;
          }
          for (Digest digest : planned.digests()) {
            remove(session, digest, range, gone);
          }
          return true;
        });
  }

  /** Some of what a repository has: what {@link #removeAll} would take away first. */
  public List<Removal.Part> partsOf(RepositoryName repository) {
    return database.read(
        "listing what " + repository + " has", s -> LinkTable.partsOf(s, repository));
  }

  /**
   * Takes the tags and many links of a repository away, in one transaction. The bytes stay.
   *
   * @return what went; call again until it is empty
   */
  public List<Removal.Part> removeAll(RepositoryName repository) {
    return removing(
        "removing the repository " + repository,
        (session, gone) -> {
          List<Removal.Part> parts = LinkTable.partsOf(session, repository);
          for (Removal.Part part : parts) {
            remove(session, part.digest(), RepositoryRange.of(repository), gone);
          }
          return parts;
        });
  }

  /** The rows that a transaction deletes, or has tried to. */
  private record Gone(List<LinkKey> links, List<Tags.TagKey> tags) {}

  /** What deletes rows in one transaction. */
  @FunctionalInterface
  private interface Removing<T> {
    T run(Session session, Gone gone) throws SQLException;
  }

  /** Runs it while no manifest arrives, and makes memory forget what is gone. */
  private <T> T removing(String doing, Removing<T> work) {
    Gone gone = new Gone(new ArrayList<>(), new ArrayList<>());
    Lock alone = arrivals.writeLock();
    alone.lock();
    try {
      return database.write(
          doing,
          session -> {
            T result = work.run(session, gone);
            changes.tellAll(session, Others.LINK, gone.links().stream().map(Others::told).toList());
            changes.tellAll(session, Others.TAG, gone.tags().stream().map(Others::told).toList());
            return result;
          });
    } finally {
      alone.unlock();
      memory.forget(gone.links(), gone.tags());
    }
  }

  /** Whether a manifest of a repository lists a digest. */
  public boolean isListed(Digest digest, RepositoryName repository) {
    return database.read(
        "finding what lists " + digest,
        session ->
            !ReferenceTable.listing(session, digest, RepositoryRange.of(repository), 1).isEmpty());
  }

  private static void remove(
      Session session, Digest digest, @Nullable RepositoryRange range, Gone gone)
      throws SQLException {
    for (Link link : LinkTable.of(session, digest)) {
      if (range == null || range.contains(link.repository())) {
        gone.links().add(new LinkKey(link.repository(), digest, link.kind()));
      }
    }
    LinkTable.deleteAll(session, digest, range);
    List<Tags.TagKey> pointing =
        TagTable.pointing(session, digest).stream()
            .filter(tag -> range == null || range.contains(tag.repository()))
            .toList();
    TagTable.delete(session, pointing, digest);
    gone.tags().addAll(pointing);
  }

  /** Runs the link of a manifest while nothing goes that it lists. */
  void arrive(Runnable linking) {
    Lock shared = arrivals.readLock();
    shared.lock();
    try {
      linking.run();
    } finally {
      shared.unlock();
    }
  }

  /**
   * The images that were not used for longest, as far as uses were {@linkplain Catalog#flush
   * written}.
   *
   * @param range whose images; null for those of all repositories
   * @param after the last of those before; null to begin
   * @param max 1 to {@link Catalog#MAX_PAGE}
   */
  public List<Image> leastUsed(@Nullable RepositoryRange range, @Nullable Image after, int max) {
    long usedAt = after == null ? -1 : after.usedAt();
    String digest = after == null ? "" : after.digest().toString();
    return database.read(
        "listing the images by their last use",
        session -> {
          // One question for each part of the order, since an index answers both.
          List<Image> images =
              new ArrayList<>(
                  ReferenceTable.unlisted(
                      session, "b.used_at = ? AND b.digest > ?", usedAt, digest, range, max));
          int left = max - images.size();
          if (left > 0) {
            images.addAll(
                ReferenceTable.unlisted(
                    session, "b.used_at > ? AND b.digest > ?", usedAt, "", range, left));
          }
          return images;
        });
  }

  /**
   * Which of some images a tag keeps, so that nothing would go with them. One question for all,
   * where {@link #removal} asks several for each.
   *
   * @param images {@link Catalog#MAX_PAGE} at most
   * @param range as for {@link #removal}
   */
  public Set<Digest> kept(
      Collection<Digest> images, @Nullable RepositoryRange range, Keeping keeping) {
    return database.read(
        "finding the tags of " + Digest.describe(images),
        session -> {
          Map<Digest, List<Tags.TagKey>> tags = TagTable.pointing(session, images);
          tags.values().removeIf(all -> all.stream().noneMatch(tag -> keeps(tag, range, keeping)));
          return tags.keySet();
        });
  }

  /** Whether a tag keeps what it leads to, where only some repositories lose something. */
  static boolean keeps(Tags.TagKey tag, @Nullable RepositoryRange range, Keeping keeping) {
    return (range == null || range.contains(tag.repository()))
        && keeping.keeps(tag.repository(), tag.tag());
  }

  /**
   * Notes that an image counts as used at an instant, because something that goes with it was.
   *
   * @param usedAt in milliseconds
   */
  public void rank(Digest image, long usedAt) {
    database.write(
        "noting the use of " + image,
        session -> {
          BlobTable.use(session, List.of(image), usedAt);
          return true;
        });
  }

  /**
   * Which of some digests were used after an instant; the caller bounds the batch.
   *
   * @param at in milliseconds
   */
  public Set<Digest> usedSince(Collection<Digest> digests, long at) {
    return database.read(
        "asking for uses of " + Digest.describe(digests),
        session -> BlobTable.usedSince(session, digests, at));
  }

  /** How many bytes some repositories have. Reads all their rows. */
  public long bytes(RepositoryRange range) {
    return database.read("adding up " + range.from(), s -> LinkTable.bytes(s, range));
  }

  /** How many bytes all blobs take. Reads the whole table. */
  public long bytes() {
    return database.read("adding up the blobs", BlobTable::bytes);
  }

  /**
   * Some of what may be a manifest and was not read yet: what an older version has stored, and what
   * was found in the store without being known. Until none is left, nobody knows what lists what.
   */
  public List<Digest> unread(int max) {
    return database.read("listing unread manifests", s -> ReferenceTable.unread(s, max));
  }

  /** Remembers what an unread manifest refers to. */
  public void read(Manifest manifest) {
    database.write(
        "noting what " + manifest.digest() + " refers to",
        session -> {
          if (BlobTable.lock(session, manifest.digest()).isPresent()) {
            ReferenceTable.put(session, manifest);
          }
          return true;
        });
  }

  /** Notes what is no manifest, or cannot be read; the caller bounds the batch. */
  public void readNothing(Collection<Digest> digests) {
    database.write(
        "noting as no manifests " + Digest.describe(digests),
        session -> {
          ReferenceTable.setRead(session, digests);
          return true;
        });
  }
}
