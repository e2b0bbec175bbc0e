package io.entrepot.boot;

import io.entrepot.admin.ClusterStatistics;
import io.entrepot.catalog.Catalog;
import io.entrepot.catalog.Others;
import io.entrepot.config.Settings;
import io.entrepot.database.Database;
import io.entrepot.database.EmbeddedDatabase;
import io.entrepot.database.Schema;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.spool.DataFolder;
import io.entrepot.spool.Spool;
import io.entrepot.store.BlobStore;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import javax.sql.DataSource;

/**
 * The folder, the database and the bucket of a cache, opened and checked. {@link LocalStorage} adds
 * what keeps them in order.
 */
final class OpenStorage implements AutoCloseable {
  private final Closing closing = new Closing();
  private final Settings.Storage settings;
  private final DataFolder folder;
  private final Spool spool;
  private final DataSource dataSource;
  private final Optional<ClusterNode> node;
  private final Catalog catalog;
  private final Optional<BucketParts> bucket;
  private final BlobStore store;

  /**
   * Opens the folder, the database, and the bucket if there is one.
   *
   * @throws StartException if one of them cannot be used
   */
  OpenStorage(Settings settings, Given given, Clock clock) {
    this.settings = settings.storage();
    Settings.Storage storage = settings.storage();
    try {
      folder = closing.add(ServerResources.folder(storage));
      spool = ServerResources.spool(storage, folder, given.threads().syncs());
      BlobStore near = ServerResources.store(storage, folder, spool, given.memory());
      dataSource = ServerResources.database(settings, given.naming(), closing);
      ServerResources.checkTables(settings, dataSource);
      settings.resources().bucket().ifPresent(place -> BucketParts.checkDatabase(dataSource));
      node = settings.cluster().map(own -> closing.add(node(own, settings, given, clock)));
      Others others = node.map(ClusterNode::others).orElse(Others.NONE);
      catalog = closing.add(new Catalog(dataSource, given.memory(), others, clock));
      ServerResources.checkOwner(storage, folder, catalog, dataSource, node.isPresent());
      BucketParts.Near tier =
          new BucketParts.Near(
              folder, near, catalog, storage.unlinkGrace(), storage.space().quota().lowWater());
      bucket =
          settings
              .resources()
              .bucket()
              .map(place -> closing.add(new BucketParts(place, tier, given.threads(), clock)));
      store = bucket.<BlobStore>map(BucketParts::store).orElse(near);
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

  private ClusterNode node(Settings.Cluster own, Settings settings, Given given, Clock clock) {
    ClusterNode.Following following =
        new ClusterNode.Following(settings.maxFills(), given.threads().timer());
    return new ClusterNode(own, dataSource, given.factory(), following, clock);
  }

  DataFolder folder() {
    return folder;
  }

  Spool spool() {
    return spool;
  }

  DataSource dataSource() {
    return dataSource;
  }

  Catalog catalog() {
    return catalog;
  }

  BlobStore store() {
    return store;
  }

  /** The bucket behind the folder; empty if the folder is all there is. */
  Optional<BucketParts> bucket() {
    return bucket;
  }

  /** What makes this cache a node; empty without a cluster. */
  Optional<ClusterNode> node() {
    return node;
  }

  /** Where the keys for tokens are. */
  Keyring keyring() {
    return node.map(own -> own.keyring(catalog.texts())).orElseGet(() -> Keyring.of(folder));
  }

  /** What this node has in common with others. */
  ClusterStatistics cluster(Clock clock) {
    Database database = new Database(dataSource);
    return new ClusterStatistics(
        node.map(own -> own), bucket.map(own -> own::state), () -> Schema.present(database), clock);
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

  /** How many more bytes fit on the disk; none if it cannot tell. */
  long room() {
    try {
      long free = Files.getFileStore(settings.rootDirectory()).getUsableSpace();
      return Math.max(0, free - settings.space().reserve());
    } catch (IOException e) {
      return 0;
    }
  }

  @Override
  public void close() {
    closing.close();
  }
}
