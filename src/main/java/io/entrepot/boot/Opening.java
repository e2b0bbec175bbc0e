package io.entrepot.boot;

import io.entrepot.catalog.CatalogException;
import io.entrepot.catalog.EmbeddedDatabase;
import io.entrepot.catalog.UnreadableDatabaseException;
import io.entrepot.config.Settings;
import io.entrepot.store.BlobStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import javax.sql.DataSource;
import org.apache.commons.io.FileUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens what may be unusable through a wrong setting, and names that setting. */
final class Opening {
  private static final Logger log = LoggerFactory.getLogger(Opening.class);

  private Opening() {}

  static BlobStore store(Settings.Storage storage) {
    Path root = storage.rootDirectory();
    try {
      return BlobStore.open(root, storage.reserveBytes(), storage.resumable());
    } catch (IOException e) {
      throw new StartException(
          "storage.filesystem.rootdirectory: the folder " + root + " cannot be used: " + reason(e),
          e);
    }
  }

  /** The server's database where there is one under the configured name, else one of our own. */
  static DataSource database(Settings settings, Databases databases, Closing closing) {
    String name = settings.database().jndiName();
    Optional<Object> found = databases.find(name);
    if (found.isPresent()) {
      return checked(name, found.get());
    }
    if (settings.database().required()) {
      throw new StartException("datasource: no javax.sql.DataSource is bound in JNDI as " + name);
    }
    Path folder = settings.storage().rootDirectory().resolve("index");
    try {
      Files.createDirectories(folder);
      return closing.add(openOrSetAside(folder)).dataSource();
    } catch (IOException | CatalogException e) {
      throw new StartException(
          "storage.filesystem.rootdirectory: the database in "
              + folder
              + " cannot be opened: "
              + reason(e),
          e);
    }
  }

  /** The store is the truth: a database that is damaged is set aside, and costs HEADs. */
  private static EmbeddedDatabase openOrSetAside(Path folder) throws IOException {
    try {
      return EmbeddedDatabase.open(folder);
    } catch (UnreadableDatabaseException e) {
      Path aside = folder.resolveSibling("index.damaged");
      log.error("The database is damaged: set aside as {}, a new one is made", aside, e);
      FileUtils.deleteDirectory(aside.toFile());
      Files.move(folder, aside);
      Files.createDirectories(folder);
      return EmbeddedDatabase.open(folder);
    }
  }

  private static DataSource checked(String name, Object found) {
    if (!(found instanceof DataSource dataSource)) {
      throw new StartException(
          "datasource: JNDI "
              + name
              + " is a "
              + found.getClass().getName()
              + ", but a javax.sql.DataSource is expected");
    }
    try (Connection connection = dataSource.getConnection()) {
      log.info("Using the database of JNDI {}: {}", name, product(connection));
      return dataSource;
    } catch (SQLException e) {
      throw new StartException(
          "datasource: the database of JNDI " + name + " does not answer: " + e.getMessage(), e);
    }
  }

  private static String product(Connection connection) throws SQLException {
    return connection.getMetaData().getDatabaseProductName()
        + " "
        + connection.getMetaData().getDatabaseProductVersion();
  }

  /** Exceptions of the file system often have a path as their only message. */
  private static String reason(Exception e) {
    return e.getClass().getSimpleName() + ": " + e.getMessage();
  }
}
