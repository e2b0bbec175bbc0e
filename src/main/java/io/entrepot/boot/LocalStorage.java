package io.entrepot.boot;

import io.entrepot.admin.ClusterStatistics;
import io.entrepot.cache.LocalContent;
import io.entrepot.cache.Scrub;
import io.entrepot.cache.UnindexedBlobs;
import io.entrepot.cache.UnreadManifests;
import io.entrepot.cache.blobs.InFlightBlobs;
import io.entrepot.catalog.Catalog;
import io.entrepot.catalog.Others;
import io.entrepot.config.Settings;
import io.entrepot.database.Database;
import io.entrepot.database.EmbeddedDatabase;
import io.entrepot.database.Schema;
import io.entrepot.expiry.Evictor;
import io.entrepot.expiry.ImageRemover;
import io.entrepot.expiry.Leases;
import io.entrepot.expiry.Pins;
import io.entrepot.expiry.Reconciler;
import io.entrepot.expiry.Retention;
import io.entrepot.expiry.quartz.QuartzLeases;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.migration.Migration;
import io.entrepot.oci.Digest;
import io.entrepot.routing.Sources;
import io.entrepot.spool.DataFolder;
import io.entrepot.spool.Rooms;
import io.entrepot.spool.Spool;
import io.entrepot.store.BlobStore;
import io.entrepot.threads.Pace;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The local storage of a cache: the spool, the store, the catalog, the leases, and the tasks that
 * keep them consistent.
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
  private final DataFolder folder;
  private final Spool spool;
  private final BlobStore store;
  private final Optional<BucketParts> bucket;
  private final DataSource dataSource;
  private final Optional<ClusterNode> node;
  private final Catalog catalog;
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
      Given given,
      Sources sources,
      InFlightBlobs inFlight,
      MeterRegistry meters,
      Clock clock) {
    this.settings = settings;
    this.sources = sources;
    this.threads = given.threads();
    Settings.Storage storage = settings.storage();
    try {
      folder = closing.add(ServerResources.folder(storage));
      spool = ServerResources.spool(storage, folder, threads.syncs());
      BlobStore near = ServerResources.store(storage, folder, spool, given.memory());
      dataSource = ServerResources.database(settings, given.naming(), closing);
      ServerResources.checkTables(settings, dataSource);
      settings.resources().bucket().ifPresent(place -> BucketParts.checkDatabase(dataSource));
      node =
          settings
              .cluster()
              .map(
                  own ->
                      closing.add(
                          new ClusterNode(
                              own,
                              dataSource,
                              given.factory(),
                              new ClusterNode.Following(
                                  settings.maxFills(), given.threads().timer()),
                              clock)));
      catalog =
          closing.add(
              new Catalog(
                  dataSource,
                  given.memory(),
                  node.map(ClusterNode::others).orElse(Others.NONE),
                  clock));
      ServerResources.checkOwner(storage, folder, catalog, dataSource, node.isPresent());
      BucketParts.Near tier =
          new BucketParts.Near(
              folder, near, catalog, storage.unlinkGrace(), storage.space().quota().lowWater());
      bucket =
          settings
              .resources()
              .bucket()
              .map(place -> closing.add(new BucketParts(place, tier, threads, clock)));
      store = bucket.<BlobStore>map(BucketParts::store).orElse(near);
      nameOlderRepositories(catalog, sources);
      Pace pace = new Pace(settings.expiry().maxPerSecond(), System::nanoTime);
      String nodeName = node.map(ClusterNode::self).orElse(null);
      leases = closing.add(new QuartzLeases(dataSource, pace, meters, given.factory(), nodeName));
      Settings.Expiry expiry = settings.expiry();
      pins = new Pins(expiry.pins(), catalog, expiry.syntax()::parse, clock);
      retention = new Retention(sources, pins, storage.unlinkGrace());
      evictor =
          new Evictor(
              catalog, leases, store::removeUnless, inFlight::contains, retention, clock, meters);
      unindexed = new UnindexedBlobs(store, catalog, clock);
      rooms = RoomParts.quotas(storage.space().quota(), sources, catalog);
      spool.boundBy(rooms);
      content =
          new LocalContent(store, catalog, unindexed, evictor, rooms, storage.verifyAfter(), clock);
      Scrub.Rest rest =
          Scrub.Rest.atRate(storage.scrubRate() > 0 ? storage.scrubRate() : WISHED_SCRUB_RATE);
      scrub =
          new Scrub(
              catalog, content, () -> inFlight.size() > 0, storage.verifyAfter(), rest, clock);
      Reconciler reconciler =
          closing.add(new Reconciler(catalog, leases, retention), Reconciler::stop);
      UnreadManifests unread =
          closing.add(new UnreadManifests(store, catalog), UnreadManifests::stop);
      chores = new Chores(unindexed, unread, reconciler, spool);
      renewal = new DatabaseRenewal(dataSource, folder, catalog, leases, unindexed, chores, clock);
      ImageRemover remover =
          new ImageRemover(
              catalog,
              evictor,
              retention,
              new ImageRemover.InUse(inFlight::digests, store::isRead),
              duration -> Thread.sleep(duration.toMillis()));
      RoomParts.Kept kept = new RoomParts.Kept(store, catalog, bucket, chores);
      roomParts = new RoomParts(spool, rooms, kept, remover, threads);
      DiskMeters.register(roomParts::usage, meters);
      sources.upstreams().forEach(upstream -> DiskMeters.register(upstream, rooms, meters));
    } catch (RuntimeException e) {
      closing.close();
      throw e;
    }
  }

  /**
   * The resources that the storage uses.
   *
   * @param naming finds resources of the server in JNDI
   * @param factory makes threads
   * @param threads the executors of the cache
   * @param memory what may be kept on the heap
   */
  record Given(Naming naming, ThreadFactory factory, Threads threads, MemoryBudget memory) {}

  /**
   * Starts expiry and the tasks for repair, cleaning and verification. If a migration is
   * configured, first takes over the cache of another registry.
   */
  void start() {
    migrate();
    roomParts.start();
    renewal.start(threads.questions());
    node.ifPresent(own -> own.start(new NodeMemory(this, rests.orElseThrow())));
    leases.start(evictor::expire);
    every("mend", () -> threads.questions().execute(chores::mend));
    every("sweep", () -> threads.questions().execute(chores::sweep));
    bucket.ifPresent(BucketParts::start);
    if (bucket.isPresent()) {
      every("bucket", () -> threads.scrub().execute(bucket.get()::sweep));
    }
    if (bucket.filter(BucketParts::isBounded).isPresent()) {
      leases.every("bucket-room", BUCKET_ROOM_INTERVAL, roomParts::boundBucket); // on one node
    }
    if (settings.storage().scrubRate() > 0 && !settings.storage().verifyAfter().isZero()) {
      every("scrub", () -> threads.scrub().execute(scrub));
    }
  }

  /** A chore is about the folder of this node, and a lease would run on any node. */
  private void every(String name, Runnable chore) {
    if (node.isEmpty()) {
      leases.every(name, CHORE_INTERVAL, chore);
    } else {
      long seconds = CHORE_INTERVAL.toSeconds();
      var unused = threads.timer().scheduleWithFixedDelay(chore, 0, seconds, TimeUnit.SECONDS);
    }
  }

  /** Where the keys for tokens are. */
  Keyring keyring() {
    return node.map(own -> own.keyring(catalog.texts())).orElseGet(() -> Keyring.of(folder));
  }

  /** Deletes files that the catalog does not know any more: another node has evicted them. */
  void dropCopies(List<Digest> digests) {
    threads.room().execute(() -> digests.forEach(evictor::dropCopy));
  }

  /** Files may be here that the catalog does not know. */
  void suspect() {
    unindexed.suspect();
  }

  /** Takes up again, in the background, what somebody has damaged or removed. */
  void look() {
    threads
        .questions()
        .execute(
            () -> {
              renewal.look();
              store.forgetRemoved();
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
    return store.isRead(digest);
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
                new Migration(folder, content, spool, sources.fallback()::repository).run();
              } catch (IOException | RuntimeException e) {
                throw new StartException("import.dir: " + e.getMessage(), e);
              }
            });
  }

  Spool spool() {
    return spool;
  }

  /** Why the disk does not take a blob, or does not give one; empty if it does both. */
  Optional<String> trouble() {
    return spool.trouble().or(store::trouble);
  }

  /** Why the database cannot answer what requests ask; empty if it can. */
  Optional<String> databaseTrouble() {
    var unused = catalog.texts().find("health");
    return EmbeddedDatabase.damage(dataSource).or(catalog::trouble);
  }

  /** Why the database takes no changes; empty if it does. */
  Optional<String> databaseReadOnly() {
    return EmbeddedDatabase.readOnly(dataSource);
  }

  /** What makes this cache a node; empty without a cluster. */
  Optional<ClusterNode> node() {
    return node;
  }

  Catalog catalog() {
    return catalog;
  }

  /** Has this node and the others rest together. To be called before {@link #start}. */
  Optional<SharedRests> restTogether(OpenUpstreams upstreams) {
    rests =
        node.map(
            own ->
                new SharedRests(
                    upstreams,
                    own.others().changes(),
                    own.self(),
                    new Database(dataSource),
                    threads.lookups()));
    return rests;
  }

  /** What this node has in common with others. */
  ClusterStatistics cluster(Clock clock) {
    Database database = new Database(dataSource);
    return new ClusterStatistics(
        node.map(own -> own), bucket.map(own -> own::state), () -> Schema.present(database), clock);
  }

  Leases leases() {
    return leases;
  }

  /** How many more bytes fit on the disk; none if it cannot tell. */
  long room() {
    Settings.Storage storage = settings.storage();
    try {
      long free = Files.getFileStore(storage.rootDirectory()).getUsableSpace();
      return Math.max(0, free - storage.space().reserve());
    } catch (IOException e) {
      return 0;
    }
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
