package io.entrepot.boot;

import io.entrepot.config.Settings;
import io.entrepot.database.DatabaseException;
import io.entrepot.database.EmbeddedDatabase;
import io.entrepot.database.UnreadableDatabaseException;
import io.entrepot.spool.DataFolder;
import io.entrepot.spool.Spool;
import io.entrepot.store.BlobStore;
import io.entrepot.store.file.FileBlobStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.apache.commons.io.FileUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens what may be unusable through a wrong setting, and names that setting. */
final class ServerResources {
  private static final Logger log = LoggerFactory.getLogger(ServerResources.class);

  /** Longer than any pool waits by default, so that it can say itself what is wrong. */
  private static final Duration FIRST_CONNECTION = Duration.ofSeconds(45);

  private static final Pattern PASSWORD = Pattern.compile("(?i)((?:password|pwd)=)[^;&\\s\"']*");

  /** What is written for {@code threadfactory} to have none of the server's. */
  private static final String NO_FACTORY = "none";

  private ServerResources() {}

  static DataFolder folder(Settings.Storage storage) {
    return usable(storage, () -> DataFolder.open(storage.rootDirectory()));
  }

  static Spool spool(Settings.Storage storage, DataFolder folder, Executor syncs) {
    return usable(
        storage, () -> Spool.open(folder, storage.reserveBytes(), storage.resumable(), syncs));
  }

  static BlobStore store(Settings.Storage storage, DataFolder folder, Spool spool) {
    return usable(storage, () -> new FileBlobStore(folder, spool));
  }

  /** Something that is opened in the folder of the settings. */
  @FunctionalInterface
  private interface Opening<T> {
    T open() throws IOException;
  }

  private static <T> T usable(Settings.Storage storage, Opening<T> opening) {
    try {
      return opening.open();
    } catch (IOException e) {
      throw new StartException(
          "storage.filesystem.rootdirectory: the folder "
              + storage.rootDirectory()
              + " cannot be used: "
              + reason(e),
          e);
    }
  }

  /** The server's thread factory where there is one under the configured name, else our own. */
  static ThreadFactory threadFactory(Settings settings, Naming naming) {
    Settings.Resource wanted = settings.resources().threadFactory();
    if (wanted.jndiName().equals(NO_FACTORY)) {
      return Thread::new;
    }
    Optional<ThreadFactory> found =
        new Bindings(naming).find("threadfactory", wanted, ThreadFactory.class);
    found.ifPresent(
        factory ->
            log.info(
                "Threads are made by JNDI {}, a {}",
                wanted.jndiName(),
                factory.getClass().getName()));
    return found.orElse(Thread::new);
  }

  /** The server's database where there is one under the configured name, else one of our own. */
  static DataSource database(Settings settings, Naming naming, Closing closing) {
    Optional<DataSource> found =
        new Bindings(naming).find("datasource", settings.resources().database(), DataSource.class);
    if (found.isPresent()) {
      return checked(settings.resources().database().jndiName(), found.get(), FIRST_CONNECTION);
    }
    Path folder = settings.storage().rootDirectory().resolve("index");
    try {
      Files.createDirectories(folder);
      return closing.add(openOrSetAside(folder)).dataSource();
    } catch (IOException | DatabaseException e) {
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

  /**
   * Fails where the database gives no connection within that time. It is asked on a thread of its
   * own, for it may take for ever; and not on one of the server's factory, for Liberty lets those
   * begin only when the application has started.
   */
  static DataSource checked(String name, DataSource dataSource, Duration patience) {
    FutureTask<String> product = new FutureTask<>(() -> product(dataSource));
    Thread asking = new Thread(product, "entrepot-database");
    asking.setDaemon(true);
    asking.start();
    String why;
    try {
      log.info(
          "Using the database of JNDI {}: {}",
          name,
          product.get(patience.toMillis(), TimeUnit.MILLISECONDS));
      return dataSource;
    } catch (TimeoutException e) {
      why = "nothing within " + patience.toMillis() + " ms";
    } catch (ExecutionException e) {
      // Not as the cause: a driver may quote the URL that it was given, with the password in it.
      why = PASSWORD.matcher(String.valueOf(e.getCause())).replaceAll("$1***");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      why = "interrupted";
    }
    product.cancel(true);
    throw new StartException(
        "datasource: the javax.sql.DataSource of JNDI %s, a %s, does not answer: %s"
            .formatted(name, dataSource.getClass().getName(), why));
  }

  private static String product(DataSource dataSource) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      return product(connection);
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
