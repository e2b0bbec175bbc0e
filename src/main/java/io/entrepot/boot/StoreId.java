package io.entrepot.boot;

import io.entrepot.catalog.Catalog;
import io.entrepot.spool.DataFolder;
import java.io.IOException;
import java.util.Optional;
import java.util.UUID;

/**
 * Keeps one database to one storage folder. Both have the same random id. Two deployments with
 * different folders on one database would follow links to files that only the other one has (F38).
 */
final class StoreId {
  private static final String NAME = "store-id";

  /** In place of an id: a folder of each node is on the database. */
  private static final String CLUSTER = "cluster";

  private StoreId() {}

  /**
   * Gives a new folder and a new database the same id, and compares the ids of others. A new
   * database is filled from the folder. A database that has an id belongs to its folder only,
   * unless it is the embedded one, which lies in the folder.
   *
   * @param embedded whether the database is the embedded one
   * @throws StartException if the database belongs to another folder
   */
  static void check(DataFolder folder, Catalog catalog, boolean embedded) throws IOException {
    Optional<String> own = folder.id();
    if (own.isEmpty() && embedded) {
      own = catalog.texts().find(NAME);
    }
    String id = own.orElseGet(() -> UUID.randomUUID().toString());
    String owner = catalog.texts().claim(NAME, id);
    if (owner.equals(CLUSTER)) {
      throw new StartException(
          "cluster.address: the database belongs to a cluster; set it, or use another database");
    }
    if (!owner.equals(id)) {
      throw new StartException(
          ("%s: the database belongs to another storage folder, with the id %s; each deployment"
                  + " needs a database of its own. If this folder is in place of the other one,"
                  + " write that id into %s")
              .formatted(
                  embedded ? "storage.filesystem.rootdirectory" : "datasource",
                  owner,
                  folder.idFile()));
    }
    if (folder.id().isEmpty()) {
      folder.setId(id);
    }
  }

  /**
   * Makes a database that of a cluster. One that has the id of a folder must have that of this one:
   * its node is the first of the cluster.
   *
   * @throws StartException if the database belongs to another folder
   */
  static void share(DataFolder folder, Catalog catalog) throws IOException {
    String owner = catalog.texts().claim(NAME, CLUSTER);
    if (!owner.equals(CLUSTER) && !folder.id().equals(Optional.of(owner))) {
      throw new StartException(
          "cluster.address: the database belongs to the storage folder with the id %s, which is not"
                  .formatted(owner)
              + " this one; begin the cluster with that folder");
    }
    catalog.texts().put(NAME, CLUSTER);
    if (folder.id().isEmpty()) {
      folder.setId(UUID.randomUUID().toString());
    }
  }
}
