package io.entrepot.admin;

import io.entrepot.access.Audit;
import io.entrepot.access.Client;
import io.entrepot.access.Viewer;
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
import java.util.function.Function;
import java.util.function.Supplier;
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
  private final Purges purges;
  private final Runnable drain;
  private final Audit audit;

  /**
   * Wires the collaborators.
   *
   * @param drain makes the cache refuse new requests; returns at once
   */
  public Operations(
      Sources sources,
      Catalog catalog,
      Evictor evictor,
      Purges purges,
      Runnable drain,
      Audit audit) {
    this.sources = sources;
    this.catalog = catalog;
    this.evictor = evictor;
    this.purges = purges;
    this.drain = drain;
    this.audit = audit;
  }

  /**
   * A person who does something.
   *
   * @param viewer who it is, and what he may see
   * @param way the interface that was used, for the log, such as JMX
   */
  public record Person(Viewer viewer, String way) {
    /** Somebody who uses JMX, and may do everything. */
    public static final Person BY_JMX =
        new Person(Viewer.unrestricted(Client.anonymous("JMX")), "JMX");

    /** Somebody who uses REST. */
    public static Person of(Viewer viewer) {
      return new Person(viewer, "REST");
    }
  }

  /** Runs an action, and writes down who has done what, and what came of it. */
  private <T> T audited(
      String action, String what, Person person, Supplier<T> work, Function<T, String> outcome) {
    Client client = person.viewer().client();
    String who = person.viewer().rules() == null ? "" : client.who();
    try {
      T result = work.get();
      audit.log(new Audit.Event(action, who, client.address(), what, outcome.apply(result)));
      return result;
    } catch (ConflictException e) {
      audit.log(new Audit.Event(action, who, client.address(), what, "refused: " + e.getMessage()));
      throw e;
    }
  }

  private Purged purge(String what, boolean dryRun, Person person, Supplier<Purged> work) {
    return dryRun
        ? work.get()
        : audited(
            "purge",
            what,
            person,
            work,
            purged -> purged.digests() + " digests, " + purged.bytes() + " bytes");
  }

  /**
   * Purges a whole repository.
   *
   * @param repository its name in this cache
   * @throws ConflictException if it is pinned, or is being fetched or read
   */
  public Purged purgeRepository(RepositoryName repository, boolean dryRun, Person person) {
    String what = repository.value();
    return purge(what, dryRun, person, () -> purges.repository(repository, dryRun));
  }

  /** Purges a tag, and its image unless something else leads to it. */
  public Purged purgeTag(RepositoryName repository, Tag tag, boolean dryRun, Person person) {
    String what = repository + ":" + tag;
    return purge(what, dryRun, person, () -> purges.tag(repository, tag, dryRun));
  }

  /** Purges a manifest with its tags, and what nothing else needs of what it lists. */
  public Purged purgeManifest(
      RepositoryName repository, Digest digest, boolean dryRun, Person person) {
    String what = repository + "@" + digest;
    return purge(what, dryRun, person, () -> purges.digest(digest, repository, dryRun));
  }

  /** Purges a digest from all repositories that the person may pull. */
  public Purged purgeBlob(Digest digest, boolean dryRun, Person person) {
    return purge(
        digest.toString(), dryRun, person, () -> purges.blob(digest, person.viewer(), dryRun));
  }

  /**
   * Purges content by the words of {@link #evict}, with all that nothing else needs.
   *
   * @throws OciException if {@code what} has none of these forms
   */
  public Purged purge(String what, boolean dryRun, Person person) {
    if (isDigest(what)) {
      return purgeBlob(Digest.parse(what), dryRun, person);
    }
    ImageReference asked = reference(what);
    RepositoryName repository = sources.trace(asked, null, null).source().repository();
    return asked.reference() instanceof Digest digest
        ? purgeManifest(repository, digest, dryRun, person)
        : purgeTag(repository, (Tag) asked.reference(), dryRun, person);
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

  private static ImageReference reference(String what) {
    if (what.indexOf('@') < 0 && what.lastIndexOf(':') <= what.lastIndexOf('/')) {
      throw new OciException(
          OciError.NAME_INVALID,
          Quoted.of(what) + " has no tag and no digest: write NAME:TAG, NAME@DIGEST or DIGEST");
    }
    return ImageReference.parse(what);
  }

  private int evictOne(String what) {
    ImageReference asked = reference(what);
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
