package io.entrepot.catalog;

import io.entrepot.database.Changes;
import io.entrepot.database.Database;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.RepositoryName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Makes and removes links, each in one transaction with the rows that belong to it, and tells the
 * other nodes. What is in memory follows. Thread-safe.
 */
final class LinkWrites {
  private final Database database;
  private final RowCache<LinkKey, Link> links;
  private final Tags tags;
  private final Changes changes;

  LinkWrites(Database database, RowCache<LinkKey, Link> links, Tags tags, Changes changes) {
    this.database = database;
    this.links = links;
    this.tags = tags;
    this.changes = changes;
  }

  /**
   * As {@link Catalog#link}.
   *
   * @return whether the blob is new, and so noted as verified now
   */
  boolean link(LinkKey key, long size, @Nullable String mediaType, Instant now) {
    long at = now.toEpochMilli();
    AtomicBoolean isNew = new AtomicBoolean();
    write(
        key,
        session -> {
          isNew.set(BlobTable.put(session, key.digest(), size, mediaType, at));
          return LinkTable.put(session, key, at);
        });
    return isNew.get();
  }

  /** As {@link Catalog#linkManifest}. */
  void linkManifest(RepositoryName repository, Manifest manifest, Instant now) {
    LinkKey key = new LinkKey(repository, manifest.digest(), LinkKind.MANIFEST);
    long at = now.toEpochMilli();
    write(
        key,
        session -> {
          int size = manifest.bytes().length;
          var unused = BlobTable.put(session, manifest.digest(), size, manifest.mediaType(), at);
          ReferenceTable.put(session, manifest);
          return LinkTable.put(session, key, at);
        });
  }

  private void write(LinkKey key, Database.Work<Link> work) {
    links.write(
        key,
        () ->
            database.write(
                "linking the link " + key,
                session -> {
                  changes.tell(session, Others.LINK, Others.told(key));
                  return work.in(session);
                }));
  }

  /** As {@link Catalog#unlink}. */
  boolean unlink(Link link) {
    LinkKey key = new LinkKey(link.repository(), link.digest(), link.kind());
    List<Tags.TagKey> untagged = new ArrayList<>();
    try {
      return database.write(
          "removing the link " + key,
          session -> {
            boolean gone = LinkTable.delete(session, link);
            if (gone) {
              changes.tell(session, Others.LINK, Others.told(key));
            }
            if (gone && link.kind() == LinkKind.MANIFEST) {
              untagged.addAll(TagTable.pointing(session, link.repository(), link.digest()));
              TagTable.delete(session, untagged, link.digest());
              changes.tellAll(session, Others.TAG, untagged.stream().map(Others::told).toList());
            }
            return gone;
          });
    } finally {
      links.forget(key);
      tags.forget(untagged);
    }
  }

  /** As {@link Catalog#forget(Digest)}. */
  boolean forget(Digest digest) {
    List<Tags.TagKey> untagged = new ArrayList<>();
    try {
      return database.write(
          "forgetting the blob " + digest,
          session -> {
            boolean known = BlobTable.lock(session, digest).isPresent();
            if (known && LinkTable.exists(session, digest)) {
              return false;
            }
            BlobTable.delete(session, digest);
            untagged.addAll(TagTable.pointing(session, digest));
            TagTable.delete(session, untagged, digest);
            changes.tellAll(session, Others.TAG, untagged.stream().map(Others::told).toList());
            changes.tell(session, Others.BLOB, digest.toString());
            return true;
          });
    } finally {
      tags.forget(untagged);
    }
  }
}
