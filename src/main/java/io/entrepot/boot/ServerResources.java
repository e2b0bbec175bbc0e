package io.entrepot.boot;

import io.entrepot.catalog.Catalog;
import io.entrepot.config.Settings;
import io.entrepot.database.Changes;
import io.entrepot.database.DatabaseException;
import io.entrepot.database.EmbeddedDatabase;
import io.entrepot.database.FailureReason;
import io.entrepot.database.PostgresDatabase;
import io.entrepot.database.UnreadableDatabaseException;
import io.entrepot.expiry.quartz.QuartzLeases;
import io.entrepot.memory.MemoryBudget;
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
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the folder, the database and the thread factory. If one cannot be used, the exception names
 * the setting that is wrong.
 */
final class ServerResources {
  private static final Logger log = LoggerFactory.getLogger(ServerResources.class);

  /**
   * How long to wait for the first connection. Connection pools give up sooner by default, and
   * their error says what is wrong.
   */
  private static final Duration FIRST_CONNECTION = Duration.ofSeconds(45);

  private static final Pattern PASSWORD = Pattern.compile("(?i)((?:password|pwd)=)[^;&\\s\"']*");

  /** The value of {@code threadfactory} that means: do not use a factory of the server. */
  private static final String NO_FACTORY = "none";

  private ServerResources() {}

  static DataFolder folder(Settings.Storage storage) {
    return usable(storage, () -> DataFolder.open(storage.rootDirectory()));
  }

  static Spool spool(Settings.Storage storage, DataFolder folder, Executor syncs) {
    return usable(storage, () -> Spool.open(folder, storage.space(), storage.resumable(), syncs));
  }

  static BlobStore store(
      Settings.Storage storage, DataFolder folder, Spool spool, MemoryBudget memory) {
    return usable(storage, () -> new FileBlobStore(folder, spool, memory));
  }

  /**
   * Opens a part of the storage folder.
   *
   * @param <T> the type of the part
   */
  @FunctionalInterface
  private interface FolderPart<T> {
    T open() throws IOException;
  }

  private static <T> T usable(Settings.Storage storage, FolderPart<T> part) {
    try {
      return part.open();
    } catch (IOException e) {
      throw new StartException(
          "storage.filesystem.rootdirectory: the folder "
              + storage.rootDirectory()
              + " cannot be used: "
              + reason(e),
          e);
    }
  }

  /**
   * Checks that no other storage folder has the database.
   *
   * @param shared whether the nodes of a cluster share it, each with its own folder
   */
  static void checkOwner(
      Settings.Storage storage,
      DataFolder folder,
      Catalog catalog,
      DataSource dataSource,
      boolean shared) {
    boolean embedded = EmbeddedDatabase.isEmbedded(dataSource);
    var unused =
        usable(
            storage,
            () -> {
              if (shared) {
                StoreId.share(folder, catalog);
              } else {
                StoreId.check(folder, catalog, embedded);
              }
              return folder;
            });
  }

  /** The server's thread factory if one is bound under the configured name, else our own. */
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
                "Using the thread factory of JNDI {}: a {}",
                wanted.jndiName(),
                factory.getClass().getName()));
    return found.orElse(Thread::new);
  }

  /**
   * The PostgreSQL of the settings; else the server's database if one is bound under the configured
   * name; else the embedded database.
   */
  static DataSource database(Settings settings, Naming naming, Closing closing) {
    Optional<Settings.DatabaseServer> server = settings.resources().databaseServer();
    if (server.isPresent()) {
      return postgres(server.get(), closing);
    }
    Optional<DataSource> found =
        new Bindings(naming).find("datasource", settings.resources().database(), DataSource.class);
    if (found.isPresent()) {
      String name = settings.resources().database().jndiName();
      String what =
          "datasource: the javax.sql.DataSource of JNDI %s, a %s,"
              .formatted(name, found.get().getClass().getName());
      log.info("Using the database of JNDI {}: {}", name, product(what, found.get()));
      return found.get();
    }
    Path folder = settings.storage().rootDirectory().resolve("index");
    try {
      Files.createDirectories(folder);
      return closing.add(openOrReplace(folder)).dataSource();
    } catch (IOException | DatabaseException e) {
      throw new StartException(
          "storage.filesystem.rootdirectory: the database in "
              + folder
              + " cannot be opened: "
              + reason(e),
          e);
    }
  }

  /**
   * Refuses tables that a later version has made and this one cannot use. Nothing is written.
   *
   * @throws StartException that names the setting of the database
   */
  static void checkTables(Settings settings, DataSource dataSource) {
    try {
      Catalog.checkTables(dataSource);
      QuartzLeases.checkTables(dataSource);
      Changes.checkTables(dataSource);
    } catch (DatabaseException e) {
      String setting =
          settings.resources().databaseServer().isPresent()
              ? "database.url: "
              : EmbeddedDatabase.isEmbedded(dataSource)
                  ? "storage.filesystem.rootdirectory: "
                  : "datasource: ";
      throw new StartException(setting + e.getMessage(), e);
    }
  }

  /**
   * Opens the embedded database. A damaged database is renamed and replaced by an empty one. No
   * content is lost, because the store has it; the cache only sends more HEAD requests to the
   * upstream.
   */
  private static EmbeddedDatabase openOrReplace(Path folder) throws IOException {
    try {
      return EmbeddedDatabase.open(folder);
    } catch (UnreadableDatabaseException e) {
      log.error("The database is damaged: it is set aside and replaced by an empty one", e);
      EmbeddedDatabase.setAside(folder);
      return EmbeddedDatabase.open(folder);
    }
  }

  private static DataSource postgres(Settings.DatabaseServer server, Closing closing) {
    if (!PostgresDatabase.hasDriver()) {
      throw new StartException(
          "database.url: this server has no driver of PostgreSQL; only java -jar brings one, so"
              + " bind a javax.sql.DataSource as jdbc/entrepot instead");
    }
    DataSource pool =
        closing
            .add(PostgresDatabase.open(server.url(), server.username(), server.password().reveal()))
            .dataSource();
    String what = "database.url: " + server.url();
    log.info("Using the database {}: {}", server.url(), product(what, pool));
    return pool;
  }

  private static String product(String what, DataSource dataSource) {
    return product(what, dataSource, FIRST_CONNECTION);
  }

  /**
   * Checks that the database answers. A separate thread opens the connection, because that may
   * block for ever. The thread is not from the server's factory, because Liberty runs such threads
   * only after the application has started.
   *
   * @param what the setting and the database, for the message
   * @param patience how long to wait for a connection
   * @return the product and its version
   * @throws StartException if the database does not answer in that time
   */
  static String product(String what, DataSource dataSource, Duration patience) {
    FutureTask<String> product = new FutureTask<>(() -> product(dataSource));
    Thread thread = new Thread(product, "entrepot-database");
    thread.setDaemon(true);
    thread.start();
    String why;
    try {
      return product.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      why = "no connection within " + patience.toMillis() + " ms";
    } catch (ExecutionException e) {
      // The exception is not passed on as the cause: its message may contain the URL with the
      // password.
      Throwable failure = Objects.requireNonNullElse(e.getCause(), e);
      String causes = FailureReason.ofCauses(failure);
      why =
          PASSWORD.matcher(failure.toString()).replaceAll("$1***")
              + (causes.isEmpty() ? "" : " (" + causes + ")");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      why = "interrupted";
    }
    product.cancel(true);
    throw new StartException(what + " does not answer: " + why);
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

  /** Type and message: the message of a file system exception is often only a path. */
  private static String reason(Exception e) {
    return e.getClass().getSimpleName() + ": " + e.getMessage();
  }
}
