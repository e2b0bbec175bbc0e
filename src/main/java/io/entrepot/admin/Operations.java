package io.entrepot.admin;

import io.entrepot.access.Audit;
import io.entrepot.catalog.Catalog;
import io.entrepot.catalog.TagEntry;
import io.entrepot.expiry.Evictor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.Quoted;
import io.entrepot.oci.Reference;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import io.entrepot.routing.Sources;
import java.util.Arrays;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The actions that operators can take on a running cache, through REST, JMX or other ways. May
 * query the database. Thread-safe.
 */
public final class Operations {
  private static final Logger log = LoggerFactory.getLogger(Operations.class);

  private final Sources sources;
  private final Catalog catalog;
  private final Evictor evictor;
  private final Runnable drain;
  private final Audit audit;

  /**
   * Wires the collaborators.
   *
   * @param drain makes the cache refuse new requests; returns at once
   */
  public Operations(
      Sources sources, Catalog catalog, Evictor evictor, Runnable drain, Audit audit) {
    this.sources = sources;
    this.catalog = catalog;
    this.evictor = evictor;
    this.drain = drain;
    this.audit = audit;
  }

  /**
   * Refuses new requests, and lets unfinished requests finish.
   *
   * @param by the interface that was used, such as JMX, for the log
   */
  public void drain(String by) {
    log.info("New requests are refused: requested through {}", by);
    audit.log(new Audit.Event("drain", "", by, "", "done"));
    drain.run();
  }

  /**
   * Evicts content now, as if it had expired. It is removed from its repositories and their tags at
   * once. It is deleted from the disk after a grace period, if no other repository holds it. The
   * layers and configuration of an evicted image stay until they expire themselves.
   *
   * @param what {@code sha256:…} for a digest of all repositories; else an image reference with a
   *     tag or a digest, in the same forms that {@code /api/explain} reads
   * @param by the interface that was used, such as JMX, for the log
   * @return the number of links from repositories that were removed; 0 if the content is not stored
   * @throws OciException if {@code what} has none of these forms
   */
  public int evict(String what, String by) {
    int links = isDigest(what) ? evictor.evict(Digest.parse(what), link -> true) : evictOne(what);
    audit.log(new Audit.Event("evict", "", by, what, links + " links removed"));
    log.info(
        "Evicted {} as requested through {}: {} links from repositories removed",
        Quoted.of(what),
        by,
        links);
    return links;
  }

  private int evictOne(String what) {
    if (what.indexOf('@') < 0 && what.lastIndexOf(':') <= what.lastIndexOf('/')) {
      throw new OciException(
          OciError.NAME_INVALID,
          Quoted.of(what) + " has no tag and no digest: write NAME:TAG, NAME@DIGEST or DIGEST");
    }
    ImageReference asked = ImageReference.parse(what);
    RepositoryName repository = sources.trace(asked, null, null).source().repository();
    return digest(repository, asked.reference())
        .map(digest -> evictor.evict(digest, link -> link.repository().equals(repository)))
        .orElse(0);
  }

  private Optional<Digest> digest(RepositoryName repository, Reference reference) {
    return reference instanceof Digest digest
        ? Optional.of(digest)
        : catalog.tags().find(repository, (Tag) reference).map(TagEntry::digest);
  }

  private static boolean isDigest(String what) {
    int colon = what.indexOf(':');
    return colon >= 0
        && Arrays.stream(Digest.Algorithm.values())
            .anyMatch(algorithm -> algorithm.label().equals(what.substring(0, colon)));
  }
}
