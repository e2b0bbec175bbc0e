package io.entrepot.catalog;

import io.entrepot.database.Database;
import io.entrepot.oci.Digest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known of blobs, whoever links to them: their size and type, and when they were verified.
 *
 * <p>Safe for concurrent use. Each method may wait for the database, as those of {@link Catalog}.
 */
public final class KnownBlobs {
  private final Database database;
  private final RowCache<LinkKey, Link> links;

  KnownBlobs(Database database, RowCache<LinkKey, Link> links) {
    this.database = database;
    this.links = links;
  }

  /** What is known of a blob, linked or not. */
  public Optional<BlobEntry> find(Digest digest) {
    return database.read("finding the blob " + digest, s -> BlobTable.find(s, digest));
  }

  /**
   * Takes in a blob that was found in the store, that no repository has yet, and that nobody has
   * verified. A known blob stays as it is.
   */
  public void adopt(Digest digest, long size, Instant now) {
    adopt(Map.of(digest, size), now);
  }

  /**
   * Takes in many of them in one transaction; the caller bounds the batch.
   *
   * @param sizes in the order of their digests, so that no two callers wait for each other
   * @return how many were unknown
   */
  public int adopt(Map<Digest, Long> sizes, Instant now) {
    return database.write(
        "adopting " + Digest.describe(sizes.keySet()),
        session -> BlobTable.adopt(session, sizes, now.toEpochMilli()));
  }

  /**
   * One batch of all blobs, in the order of their digests.
   *
   * @param last the last digest of the batch before; null to begin
   * @param max 1 to {@link Catalog#MAX_PAGE}
   */
  public List<Digest> after(@Nullable Digest last, int max) {
    return database.read("listing the blobs", s -> BlobTable.after(s, last, max));
  }

  /** Tells which of some digests the catalog does not know; the caller bounds the batch. */
  public List<Digest> unknown(Collection<Digest> digests) {
    return database.read(
        "finding " + Digest.describe(digests), session -> BlobTable.missing(session, digests));
  }

  /** Every link to a digest, of all repositories and kinds. */
  List<Link> links(Digest digest) {
    return database.read("listing the links to " + digest, s -> LinkTable.of(s, digest));
  }

  /** Notes that the bytes of blobs were read and found to be right; the caller bounds the batch. */
  public void verified(Collection<Digest> digests, Instant now) {
    Instant at = now.truncatedTo(ChronoUnit.MILLIS);
    database.write(
        "noting as sound " + Digest.describe(digests),
        session -> {
          BlobTable.setVerified(session, digests, now.toEpochMilli());
          return true;
        });
    for (Digest digest : digests) {
      for (Link link : links(digest)) {
        links.change(
            new LinkKey(link.repository(), digest, link.kind()), known -> known.withVerifiedAt(at));
      }
    }
  }

  /**
   * Blobs that nobody has verified since an instant, in the order of their digests.
   *
   * @param last the last digest of the batch before; null to begin
   * @param max 1 to {@link Catalog#MAX_PAGE}
   */
  public List<Digest> unverifiedSince(Instant since, @Nullable Digest last, int max) {
    return database.read(
        "listing blobs to verify",
        session -> BlobTable.unverified(session, since.toEpochMilli(), last, max));
  }
}
