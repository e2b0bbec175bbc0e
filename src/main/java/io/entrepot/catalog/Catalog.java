package io.entrepot.catalog;

import io.entrepot.database.ChangeFeed;
import io.entrepot.database.Changes;
import io.entrepot.database.Database;
import io.entrepot.database.DatabaseException;
import io.entrepot.database.Schema;
import io.entrepot.database.SlowCount;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.memory.Share;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.RepositoryName;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The index of what the store holds and which repository may serve it. The store is the truth: what
 * is lost here costs upstream questions, never a wrong answer (ARCHITECTURE.md).
 *
 * <p>Safe for concurrent use. {@link #use} and {@link #linkInMemory} never wait. All other methods
 * may wait for the database, within the data source's own timeouts, and throw {@link
 * DatabaseException} when it fails. They say absent only when the database has said so (F19).
 */
public final class Catalog implements AutoCloseable {
  /** The longest list one call returns, so that no answer outgrows the heap. */
  public static final int MAX_PAGE = 10_000;

  /** The number of the newest schema file. */
  private static final int NEWEST_SCHEMA = 9;

  private static final Schema SCHEMA =
      new Schema(
          "catalog",
          IntStream.rangeClosed(1, NEWEST_SCHEMA)
              .mapToObj(number -> "/io/entrepot/catalog/schema-" + number + ".sql")
              .toList());

  private final Database database;
  private final Tags tags;
  private final HeldRepositories repositories;
  private final AddedPins pins;
  private final UnfinishedPrefetches prefetches;
  private final KeptTexts texts;
  private final BucketObjects objects;
  private final Clock clock;
  private final SlowCount<CatalogStats> stats;
  private final UseLog uses;
  private final Images images;
  private final KnownBlobs blobs;

  private final RowCache<LinkKey, Link> links;
  private final LinkWrites written;

  /**
   * Creates or migrates the tables.
   *
   * @param dataSource H2 2.5 or PostgreSQL 15 and later; stays the caller's to close
   * @param memory holds links, tags and uses
   * @param clock dates each {@link #use}
   */
  public Catalog(DataSource dataSource, MemoryBudget memory, Clock clock) {
    this(dataSource, memory, Others.NONE, clock);
  }

  /**
   * Creates or migrates the tables, which other nodes may use too.
   *
   * @param others the other nodes
   */
  public Catalog(DataSource dataSource, MemoryBudget memory, Others others, Clock clock) {
    makeTables(dataSource, clock);
    this.database = new Database(dataSource);
    Changes changes = others.changes();
    this.tags = new Tags(database, memory, others);
    this.repositories = new HeldRepositories(database);
    this.pins = new AddedPins(database, changes);
    this.prefetches = new UnfinishedPrefetches(database);
    this.texts = new KeptTexts(database, changes);
    this.objects = new BucketObjects(database, clock);
    this.uses = new UseLog(database, memory.allowance(Share.USES));
    this.links =
        new RowCache<>(
            memory.cache(Share.LINKS, (key, link) -> key.weight() + link.weight()),
            others.knowledge());
    this.written = new LinkWrites(database, links, tags, changes);
    this.blobs = new KnownBlobs(database, links);
    this.images =
        new Images(
            database,
            changes,
            (unlinked, untagged) -> {
              links.forget(unlinked);
              tags.forget(untagged);
            });
    this.clock = clock;
    this.stats =
        new SlowCount<>(
            () -> database.read("counting the catalog", CatalogStats::count), System::nanoTime);
  }

  /**
   * Creates or migrates the tables.
   *
   * @param clock dates the migrations
   */
  public static void makeTables(DataSource dataSource, Clock clock) {
    SCHEMA.migrate(dataSource, clock);
  }

  /** Looks whether this program can use the tables, as {@link Schema#check}. */
  public static void checkTables(DataSource dataSource) {
    var unused = SCHEMA.check(dataSource);
  }

  /**
   * Forgets what another node has changed.
   *
   * @return whether the kind is one of the catalog's rows
   */
  public boolean forget(ChangeFeed.Change change) {
    switch (change.kind()) {
      case Others.LINK -> links.forget(Others.link(change.changed()));
      case Others.TAG -> tags.forget(List.of(Others.tag(change.changed())));
      default -> {
        return false;
      }
    }
    return true;
  }

  /** Forgets what is in memory, because it may be wrong. */
  public void forgetMemory() {
    links.forgetAll();
    tags.forgetAll();
  }

  /**
   * Whether a repository may serve a digest. A link that was just made, and a repeated hit, are
   * answered from memory; the last use is then as it was when memory took it.
   */
  public Optional<Link> findLink(RepositoryName repository, Digest digest, LinkKind kind) {
    return links.find(
        new LinkKey(repository, digest, kind),
        key -> database.read("finding the link " + key, session -> LinkTable.find(session, key)));
  }

  /**
   * As {@link #findLink}, but from memory only: never waits.
   *
   * @return empty where only the database can tell
   */
  public Optional<Link> linkInMemory(RepositoryName repository, Digest digest, LinkKind kind) {
    return links.inMemory(new LinkKey(repository, digest, kind));
  }

  /**
   * Makes or renews a link, and the blob with it; fetched and last used are both now.
   *
   * @param size in bytes, 0 or more
   * @param mediaType as the upstream sent it; null leaves what is known
   */
  public void link(
      RepositoryName repository,
      Digest digest,
      LinkKind kind,
      long size,
      @Nullable String mediaType,
      Instant now) {
    var unused = written.link(new LinkKey(repository, digest, kind), size, mediaType, now);
  }

  /**
   * Links blobs as {@link #link}, and notes that the bytes were read just now and found to be
   * right.
   */
  public void linkVerified(
      Collection<RepositoryName> repositories, Digest digest, long size, Instant now) {
    boolean isNew = false;
    for (RepositoryName repository : repositories) {
      isNew |= written.link(new LinkKey(repository, digest, LinkKind.BLOB), size, null, now);
    }
    if (!isNew) {
      blobs.verified(List.of(digest), now);
    }
  }

  /** Links a manifest and remembers what it refers to, in one transaction. */
  public void linkManifest(RepositoryName repository, Manifest manifest, Instant now) {
    images.arrive(() -> written.linkManifest(repository, manifest, now));
  }

  /**
   * Removes a link, and the tags of its repository that point to it as a manifest.
   *
   * @return whether it went; false when it was renewed or used since it was read
   */
  public boolean unlink(Link link) {
    return written.unlink(link);
  }

  /**
   * Whether a repository of an upstream has a link to a digest.
   *
   * @param upstream the first component of the names of its repositories
   */
  public boolean isLinkedBy(String upstream, Digest digest) {
    return database.read(
        "finding a link of " + upstream + " to " + digest,
        session -> LinkTable.exists(session, digest, RepositoryRange.ofUpstream(upstream)));
  }

  /** Every link to a digest, of all repositories and kinds. */
  public List<Link> links(Digest digest) {
    return blobs.links(digest);
  }

  /** Notes in memory that a client uses a link; {@link #flush} writes it. Never waits. */
  public void use(RepositoryName repository, Digest digest, LinkKind kind) {
    uses.note(new LinkKey(repository, digest, kind), clock.millis());
  }

  /**
   * Writes the uses noted so far. Use of a manifest counts as use of what it lists in the same
   * repository, two levels down (index, manifests, layers), since clients do not ask again for
   * layers that they have.
   */
  public void flush() {
    uses.flush();
  }

  /** What is known of images: what goes with one, and which was not used for longest. */
  public Images images() {
    return images;
  }

  /** What is known of blobs, whoever links to them. */
  public KnownBlobs blobs() {
    return blobs;
  }

  /** What is known of tags. */
  public Tags tags() {
    return tags;
  }

  /** Lists repositories for people. */
  public HeldRepositories repositories() {
    return repositories;
  }

  /**
   * Gives the repositories that an older version has stored the names that they have now. Call it
   * before anything else.
   *
   * @param successor the new name; empty if it cannot be known, then what was stored is forgotten
   *     and the upstream is asked again
   * @return how many repositories were forgotten
   */
  public int renameOlder(Function<RepositoryName, Optional<RepositoryName>> successor) {
    return OlderNames.replace(database, successor);
  }

  /**
   * Removes a blob, what it lists and the tags that point to it, if no link is left.
   *
   * @return whether the catalog does not know the blob now
   */
  public boolean forget(Digest digest) {
    return written.forget(digest);
  }

  /**
   * Counts everything. That reads whole tables, so the count of large ones may be {@linkplain
   * SlowCount a while old}.
   */
  public CatalogStats stats() {
    return stats.get();
  }

  /** Why the query that failed last still fails, for health; empty if it does not. */
  public Optional<String> trouble() {
    return database.trouble();
  }

  /** The pins that people have added. */
  public AddedPins pins() {
    return pins;
  }

  /** The images that people want to be fetched and that are not fetched yet. */
  public UnfinishedPrefetches prefetches() {
    return prefetches;
  }

  /** The objects of the bucket. */
  public BucketObjects objects() {
    return objects;
  }

  /** The small texts that are kept across restarts. */
  public KeptTexts texts() {
    return texts;
  }

  /** Flushes; the data source stays open. */
  @Override
  public void close() {
    flush();
  }
}
