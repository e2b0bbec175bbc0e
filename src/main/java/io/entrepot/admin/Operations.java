package io.entrepot.admin;

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
 * What a person can do with a running cache, by whichever way it is asked for. May ask the
 * database. Thread-safe.
 */
public final class Operations {
  private static final Logger log = LoggerFactory.getLogger(Operations.class);

  private final Sources sources;
  private final Catalog catalog;
  private final Evictor evictor;
  private final Runnable drain;

  /**
   * Wires the collaborators.
   *
   * @param drain begins to take no more requests; returns at once
   */
  public Operations(Sources sources, Catalog catalog, Evictor evictor, Runnable drain) {
    this.sources = sources;
    this.catalog = catalog;
    this.evictor = evictor;
    this.drain = drain;
  }

  /**
   * Takes no more requests, and lets those under way finish.
   *
   * @param by the way by which it was asked for, for the log
   */
  public void drain(String by) {
    log.info("Asked through {} to drain", by);
    drain.run();
  }

  /**
   * Takes content away now as if it had expired: first from its repositories and their tags, and
   * from the disk after a grace, once no other repository holds it. What an image is made of stays
   * until it expires by itself.
   *
   * @param what {@code sha256:…} for a digest of all repositories; else a reference with a tag or a
   *     digest, as an explanation understands it, for what it leads to in its repository
   * @param by the way by which it was asked for, for the log
   * @return from how many places it went; 0 when it is not held
   * @throws OciException when {@code what} is none of these
   */
  public int evict(String what, String by) {
    int links = isDigest(what) ? evictor.evict(Digest.parse(what), link -> true) : evictOne(what);
    log.info("Asked through {} to evict {}: it went from {} places", by, Quoted.of(what), links);
    return links;
  }

  private int evictOne(String what) {
    if (what.indexOf('@') < 0 && what.lastIndexOf(':') <= what.lastIndexOf('/')) {
      throw new OciException(
          OciError.NAME_INVALID,
          Quoted.of(what) + " names no content: write NAME:TAG, NAME@DIGEST or DIGEST");
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
