package io.entrepot.boot;

import io.entrepot.cache.LocalContent;
import io.entrepot.cache.Scrub;
import io.entrepot.cache.UnindexedBlobs;
import io.entrepot.cache.UnreadManifests;
import io.entrepot.cache.blobs.InFlightBlobs;
import io.entrepot.catalog.Catalog;
import io.entrepot.config.Settings;
import io.entrepot.database.Database;
import io.entrepot.expiry.Evictor;
import io.entrepot.expiry.ImageRemover;
import io.entrepot.expiry.Leases;
import io.entrepot.expiry.Pins;
import io.entrepot.expiry.Reconciler;
import io.entrepot.expiry.Retention;
import io.entrepot.expiry.quartz.QuartzLeases;
import io.entrepot.migration.Migration;
import io.entrepot.oci.Digest;
import io.entrepot.routing.Sources;
import io.entrepot.spool.Rooms;
import io.entrepot.store.BlobStore;
import io.entrepot.threads.Pace;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The local storage of a cache: what {@link OpenStorage} has opened, the leases, and the tasks that
 * keep all of it consistent.
 */
final class LocalStorage implements AutoCloseable {
  /** How often the tasks for repair, cleaning and verification run. None of them is urgent. */
  private static final Duration CHORE_INTERVAL = Duration.ofHours(1);

  private static final Duration BUCKET_ROOM_INTERVAL = Duration.ofMinutes(1);

  /**
   * How fast a person's wish to verify all is followed where no scrub is set, in bytes a second.
   */
  private static final long WISHED_SCRUB_RATE = 32L << 20;

  private static final Logger log = LoggerFactory.getLogger(LocalStorage.class);

  private final Closing closing = new Closing();
  private final Settings settings;
  private final Sources sources;
  private final Threads threads;
  private final OpenStorage open;
  private final QuartzLeases leases;
  private final Pins pins;
  private final Retention retention;
  private final Evictor evictor;
  private final UnindexedBlobs unindexed;
  private final LocalContent content;
  private final Scrub scrub;
  private final Chores chores;
  private final DatabaseRenewal renewal;
  private final Rooms rooms;
  private final RoomParts roomParts;
  private Optional<SharedRests> rests = Optional.empty();

  /**
   * Opens the folder and the database.
   *
   * @param given the resources of the server and the executors
   * @param inFlight the blobs that are being filled, which must not be evicted
   * @throws StartException if the folder or the database cannot be opened
   */
  LocalStorage(
      Settings settings,
      OpenStorage.Given given,
      Sources sources,
      InFlightBlobs inFlight,
      MeterRegistry meters,
      Clock clock) {
    this.settings = settings;
    this.sources = sources;
    this.threads = given.threads();
    try {
      open = closing.add(new OpenStorage(settings, given, clock));
      Catalog catalog = open.catalog();
      BlobStore store = open.store();
      nameOlderRepositories(catalog, sources);
      leases = closing.add(leases(given, meters));
      Settings.Expiry expiry = settings.expiry();
      pins = new Pins(expiry.pins(), catalog, expiry.syntax()::parse, clock);
      retention = new Retention(sources, pins, settings.storage().unlinkGrace());
      evictor =
          new Evictor(
              catalog, leases, store::removeUnless, inFlight::contains, retention, clock, meters);
      unindexed = new UnindexedBlobs(store, catalog, clock);
      rooms = RoomParts.quotas(settings.storage().space().quota(), sources, catalog);
      open.spool().boundBy(rooms);
      Duration verifyAfter = settings.storage().verifyAfter();
      content = new LocalContent(store, catalog, unindexed, evictor, rooms, verifyAfter, clock);
      scrub = scrub(inFlight, clock);
      chores = chores();
      renewal = new DatabaseRenewal(open, leases, unindexed, chores, clock);
      roomParts = roomParts(inFlight);
      DiskMeters.register(roomParts::usage, meters);
      sources.upstreams().forEach(upstream -> DiskMeters.register(upstream, rooms, meters));
    } catch (RuntimeException e) {
      closing.close();
      throw e;
    }
  }

  private QuartzLeases leases(OpenStorage.Given given, MeterRegistry meters) {
    Pace pace = new Pace(settings.expiry().maxPerSecond(), System::nanoTime);
    String nodeName = open.node().map(ClusterNode::self).orElse(null);
    return new QuartzLeases(open.dataSource(), pace, meters, given.factory(), nodeName);
  }

  private Scrub scrub(InFlightBlobs inFlight, Clock clock) {
    Settings.Storage storage = settings.storage();
    long rate = storage.scrubRate() > 0 ? storage.scrubRate() : WISHED_SCRUB_RATE;
    return new Scrub(
        open.catalog(),
        content,
        () -> inFlight.size() > 0,
        storage.verifyAfter(),
        Scrub.Rest.atRate(rate),
        clock);
  }

  private Chores chores() {
    Reconciler reconciler =
        closing.add(new Reconciler(open.catalog(), leases, retention), Reconciler::stop);
    UnreadManifests unread =
        closing.add(new UnreadManifests(open.store(), open.catalog()), UnreadManifests::stop);
    return new Chores(unindexed, unread, reconciler, open.spool());
  }

  private RoomParts roomParts(InFlightBlobs inFlight) {
    BlobStore store = open.store();
    ImageRemover remover =
        new ImageRemover(
            open.catalog(),
            evictor,
            retention,
            new ImageRemover.InUse(inFlight::digests, store::isRead),
            duration -> Thread.sleep(duration.toMillis()));
    RoomParts.Kept kept = new RoomParts.Kept(store, open.catalog(), open.bucket(), chores);
    return new RoomParts(open.spool(), rooms, kept, remover, threads);
  }

  /**
   * Starts expiry and the tasks for repair, cleaning and verification. If a migration is
   * configured, first takes over the cache of another registry.
   */
  void start() {
    migrate();
    roomParts.start();
    renewal.start(threads.questions());
    open.node().ifPresent(own -> own.start(new NodeMemory(this, rests.orElseThrow())));
    leases.start(evictor::expire);
    every("mend", () -> threads.questions().execute(chores::mend));
    every("sweep", () -> threads.questions().execute(chores::sweep));
    Optional<BucketParts> bucket = open.bucket();
    bucket.ifPresent(BucketParts::start);
    bucket.ifPresent(own -> every("bucket", () -> threads.scrub().execute(own::sweep)));
    if (bucket.filter(BucketParts::isBounded).isPresent()) {
      leases.every("bucket-room", BUCKET_ROOM_INTERVAL, roomParts::boundBucket); // on one node
    }
    if (settings.storage().scrubRate() > 0 && !settings.storage().verifyAfter().isZero()) {
      every("scrub", () -> threads.scrub().execute(scrub));
    }
  }

  /** A chore is about the folder of this node, and a lease would run on any node. */
  private void every(String name, Runnable chore) {
    if (open.node().isEmpty()) {
      leases.every(name, CHORE_INTERVAL, chore);
    } else {
      long seconds = CHORE_INTERVAL.toSeconds();
      var unused = threads.timer().scheduleWithFixedDelay(chore, 0, seconds, TimeUnit.SECONDS);
    }
  }

  /** Deletes files that the catalog does not know any more: another node has evicted them. */
  void dropCopies(List<Digest> digests) {
    threads.room().execute(() -> digests.forEach(evictor::dropCopy));
  }

  /** Files may be here that the catalog does not know. */
  void suspect() {
    unindexed.suspect();
  }

  /** A node that has died may have linked a blob and not leased it yet. */
  void nodeDied() {
    threads.questions().execute(chores::mendLeases);
  }

  /** Takes up again, in the background, what somebody has damaged or removed. */
  void look() {
    threads
        .questions()
        .execute(
            () -> {
              renewal.look();
              open.store().forgetRemoved();
            });
  }

  /** How much this cache and each upstream may have. */
  Rooms rooms() {
    return rooms;
  }

  /** What keeps the disk from being full. */
  RoomParts roomParts() {
    return roomParts;
  }

  /** Whether a client reads a stored blob. */
  boolean isRead(Digest digest) {
    return open.store().isRead(digest);
  }

  private static void nameOlderRepositories(Catalog catalog, Sources sources) {
    int forgotten = catalog.renameOlder(sources::successorOf);
    if (forgotten > 0) {
      log.info(
          "An older version has stored {} repositories under names that two upstreams can have."
              + " Their upstream is asked about them again; no blob is downloaded again",
          forgotten);
    }
  }

  private void migrate() {
    settings
        .storage()
        .importDirectory()
        .ifPresent(
            folder -> {
              try {
                new Migration(folder, content, open.spool(), sources.fallback()::repository).run();
              } catch (IOException | RuntimeException e) {
                throw new StartException("import.dir: " + e.getMessage(), e);
              }
            });
  }

  /** The folder, the database and the bucket. */
  OpenStorage open() {
    return open;
  }

  Catalog catalog() {
    return open.catalog();
  }

  /** Has this node and the others rest together. To be called before {@link #start}. */
  Optional<SharedRests> restTogether(OpenUpstreams upstreams) {
    rests =
        open.node()
            .map(
                own ->
                    new SharedRests(
                        upstreams,
                        own.others().changes(),
                        own.self(),
                        new Database(open.dataSource()),
                        threads.lookups()));
    return rests;
  }

  Leases leases() {
    return leases;
  }

  /** Begins to verify everything in the store, on a thread of its own. */
  void verifyAll() {
    scrub.wishForAll();
    threads.scrub().execute(scrub);
  }

  Pins pins() {
    return pins;
  }

  Retention retention() {
    return retention;
  }

  Evictor evictor() {
    return evictor;
  }

  LocalContent content() {
    return content;
  }

  Scrub scrub() {
    return scrub;
  }

  @Override
  public void close() {
    closing.close();
  }
}
