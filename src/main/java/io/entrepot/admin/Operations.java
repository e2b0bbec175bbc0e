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
import io.entrepot.routing.ProxiedUpstream;
import io.entrepot.routing.Sources;
import io.entrepot.routing.UpstreamStatus;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
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
  private final PinList pins;
  private final Work work;
  private final Audit audit;

  /**
   * What can be begun. Each returns at once.
   *
   * @param verify verifies everything in the store
   * @param drain makes the cache refuse new requests
   * @param prefetches fetches images before somebody asks for them
   * @param taken tells other nodes by its name that an upstream was taken out, or back in
   */
  public record Work(
      Runnable verify,
      Runnable drain,
      PrefetchList prefetches,
      BiConsumer<String, Boolean> taken) {}

  /** Wires the collaborators. */
  public Operations(
      Sources sources,
      Catalog catalog,
      Evictor evictor,
      Purges purges,
      PinList pins,
      Work work,
      Audit audit) {
    this.sources = sources;
    this.catalog = catalog;
    this.evictor = evictor;
    this.purges = purges;
    this.pins = pins;
    this.work = work;
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

  /** Refuses new requests, and lets unfinished requests finish. */
  public void drain(Person person) {
    log.info("New requests are refused: requested through {}", person.way());
    begin("drain", person, work.drain());
  }

  /** Begins to verify everything in the store. {@code /api/stats} shows the progress. */
  public void verify(Person person) {
    begin("verify", person, work.verify());
  }

  private void begin(String action, Person person, Runnable begun) {
    audited(
        action,
        "",
        person,
        () -> {
          begun.run();
          return "begun";
        },
        outcome -> outcome);
  }

  /**
   * Takes an upstream out, so that only what is here is served, or back in. A restart takes it in.
   * Other nodes of the cluster do the same.
   *
   * @return its status then; empty if there is no such upstream
   * @throws ConflictException if the settings say that it is offline
   */
  public Optional<UpstreamStatus> rest(String name, boolean offline, Person person) {
    return sources.upstreams().stream()
        .filter(upstream -> upstream.name().equals(name))
        .findFirst()
        .map(upstream -> rest(upstream, offline, person));
  }

  private UpstreamStatus rest(ProxiedUpstream upstream, boolean offline, Person person) {
    return audited(
        "rest",
        upstream.name(),
        person,
        () -> {
          if (!upstream.takeOut(offline)) {
            throw new ConflictException(
                "the settings say that " + upstream.name() + " is offline; change them there");
          }
          log.info("Upstream {} is taken {}", upstream.name(), offline ? "out" : "in");
          work.taken().accept(upstream.name(), offline);
          return upstream.status();
        },
        status -> offline ? "out" : "in");
  }

  /** The prefetches for repositories that the person may pull, the oldest first. */
  public List<PrefetchList.JobInfo> prefetches(Person person) {
    return work.prefetches().jobs(person.viewer());
  }

  /**
   * Begins to fetch an image before somebody asks for it.
   *
   * @param platforms which manifests of an index; empty for all
   * @param referrers whether what refers to the image comes too
   * @throws OciException if it is no image, or may not be pulled
   * @throws ConflictException if too many wait
   */
  public PrefetchList.JobInfo prefetch(
      String reference, List<String> platforms, boolean referrers, Person person) {
    return audited(
        "prefetch",
        reference,
        person,
        () -> work.prefetches().begin(reference, platforms, referrers, person.viewer()),
        job -> "job " + job.id());
  }

  /** Cancels a prefetch. What it has fetched stays. */
  public boolean cancelPrefetch(String id, Person person) {
    return audited(
        "cancel",
        id,
        person,
        () -> work.prefetches().cancel(id),
        done -> done ? "cancelled" : "it was over");
  }

  /** All pins. */
  public List<PinList.Entry> pins() {
    return pins.entries();
  }

  /**
   * Adds a pin.
   *
   * @return whether it is new
   * @throws OciException if the pattern is none, or no repository can match
   * @throws ConflictException if there are too many pins
   */
  public boolean pin(String pattern, Person person) {
    return audited(
        "pin", pattern, person, () -> pins.add(pattern), isNew -> isNew ? "added" : "known");
  }

  /**
   * Takes a pin away.
   *
   * @return whether it was there
   * @throws OciException if the pattern is none
   * @throws ConflictException if the settings have it
   */
  public boolean unpin(String pattern, Person person) {
    return audited(
        "unpin", pattern, person, () -> pins.remove(pattern), gone -> gone ? "removed" : "unknown");
  }

  /**
   * Evicts content now, as if it had expired. It is removed from its repositories and their tags at
   * once. It is deleted from the disk after a grace period, if no other repository holds it. The
   * layers and configuration of an evicted image stay until they expire themselves.
   *
   * @param what {@code sha256:…} for a digest of all repositories; else an image reference with a
   *     tag or a digest, in the same forms that {@code /api/explain} reads
   * @return the number of links from repositories that were removed; 0 if the content is not stored
   * @throws OciException if {@code what} has none of these forms
   */
  public int evict(String what, Person person) {
    int removed =
        audited(
            "evict",
            what,
            person,
            () -> isDigest(what) ? evictor.evict(Digest.parse(what), link -> true) : evictOne(what),
            links -> links + " links removed");
    log.info(
        "Evicted {} as requested through {}: {} links from repositories removed",
        Quoted.of(what),
        person.way(),
        removed);
    return removed;
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
