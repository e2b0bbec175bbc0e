package io.entrepot.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.pool.HikariPool;
import io.entrepot.threads.NamedThreads;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.h2.Driver;

/**
 * An H2 database in one file of a folder, behind a bounded pool; no other process can open it.
 *
 * <p>A write that the disk refuses ends H2's database for all connections it has (F3, F4). They are
 * thrown away at the first sign of that, and the next connection opens the file again. So what was
 * committed can be read while the disk is full, and writing goes on as soon as there is room. A
 * disk that is read-only by then: see {@link EmbeddedFile}.
 *
 * <p>Nothing of its address comes from a user but the folder (S21).
 *
 * <p>What {@link Database} commits has been given to the system when that returns; only a power cut
 * can lose it. Other commits, those of the leases, are written within half a second. A kill, or a
 * write that fails, loses the latest of them; they are brought in line with the catalog again. H2
 * could write each of them at once, but would then never tidy up its file, and would spend its time
 * on finding room in it with a million leases (ADR 11).
 *
 * <p>The file system {@code retry:} survives a thread that is interrupted while it reads or writes.
 * With {@code file:} the first such interrupt closes the database for everybody.
 */
public final class EmbeddedDatabase implements AutoCloseable {
  private static final String NAME = "entrepot";

  /** Milliseconds, where they are numbers. */
  private static final String OPTIONS =
      ";DB_CLOSE_ON_EXIT=FALSE" // the application's own shutdown closes it, not a JVM hook
          + ";LOCK_TIMEOUT=5000" // to wait for a row that another transaction changes
          + ";QUERY_TIMEOUT=30000" // counting everything is the slowest there is
          + ";TRACE_LEVEL_FILE=0";

  /** More than the threads that work on the index at once; the rest wait their turn. */
  private static final int CONNECTIONS = 8;

  private static final int CONNECTION_TIMEOUT_MILLIS = 5_000;
  private static final int VALIDATION_TIMEOUT_MILLIS = 2_000;

  /** How H2 names the threads that write a file; the file's name follows. */
  private static final String WRITER = "MVStore background writer";

  /** How long to wait for threads that were told to end; only a very busy machine needs this. */
  private static final Duration LAST_MOMENTS = Duration.ofSeconds(5);

  private final String path;
  private final EmbeddedFile file;
  private final NamedThreads threads = new NamedThreads(NAME + "-database:pool", Thread::new);
  private final EmbeddedPool pool;

  private EmbeddedDatabase(String path, EmbeddedFile file) {
    this.path = path;
    this.file = file;
    this.pool = pool(file, threads);
  }

  /**
   * Opens the database of a folder, or creates it.
   *
   * @param folder an existing folder; its path may hold anything but a semicolon
   * @throws UnreadableDatabaseException where the file is damaged or not a database
   * @throws DatabaseException where it cannot be opened for another reason, as when another process
   *     has it open
   */
  public static EmbeddedDatabase open(Path folder) {
    String path = folder.toAbsolutePath().normalize().resolve(NAME).toString();
    if (path.indexOf(';') >= 0) {
      throw new DatabaseException(
          "the database cannot be in the folder " + folder + ": its path holds a semicolon");
    }
    EmbeddedFile file = new EmbeddedFile(path, OPTIONS);
    // Open until the pool has connections of its own. Else H2 would close the file, which tidies it
    // up, and open it again: once in some 75 kills that found it damaged.
    try (Connection first = file.open()) {
      return new EmbeddedDatabase(path, file);
    } catch (UnreadableDatabaseException e) {
      Driver.unload();
      throw e;
    } catch (HikariPool.PoolInitializationException e) {
      // The first connections read more of the file than its opening has read.
      file.end();
      Driver.unload();
      if (e.getCause() instanceof SQLException why && FileDamage.isMeantBy(why)) {
        throw new UnreadableDatabaseException(file.path(), why);
      }
      throw new DatabaseException("opening the database " + file.path() + " failed: " + e, e);
    } catch (SQLException e) {
      Driver.unload();
      throw new DatabaseException(
          "opening the database " + file.path() + " failed: " + e.getMessage(), e);
    }
  }

  private static EmbeddedPool pool(EmbeddedFile file, NamedThreads threads) {
    HikariConfig config = new HikariConfig();
    config.setPoolName(NAME + "-database");
    config.setDataSource(file);
    config.setThreadFactory(threads);
    config.setMaximumPoolSize(CONNECTIONS);
    config.setMinimumIdle(CONNECTIONS);
    config.setIdleTimeout(0);
    config.setMaxLifetime(0);
    config.setConnectionTimeout(CONNECTION_TIMEOUT_MILLIS);
    config.setValidationTimeout(VALIDATION_TIMEOUT_MILLIS);
    EndedConnections ended = new EndedConnections(file);
    config.setExceptionOverride(ended);
    return new EmbeddedPool(config, ended, file);
  }

  /** Connections from the pool; safe for concurrent use until {@link #close}. */
  public DataSource dataSource() {
    return pool;
  }

  /** Whether a data source is that of an embedded database. */
  public static boolean isEmbedded(DataSource dataSource) {
    return dataSource instanceof EmbeddedPool;
  }

  /**
   * A count that rises whenever a failed write has taken away what this process committed in the
   * half second before, except through {@link Database}.
   *
   * @param dataSource that of an embedded database; another loses nothing that we know of
   */
  public static long losses(DataSource dataSource) {
    return dataSource instanceof EmbeddedPool own ? own.losses() : 0;
  }

  /** Moves the folder of a damaged database to {@code index.damaged}, and makes an empty one. */
  public static void setAside(Path folder) throws IOException {
    EmbeddedFile.setAside(folder);
  }

  /**
   * Why a database must be made anew; empty as long as it need not.
   *
   * @param dataSource that of an embedded database; nothing is known of another
   */
  public static Optional<String> damage(DataSource dataSource) {
    return dataSource instanceof EmbeddedPool own ? own.file().damage().why() : Optional.empty();
  }

  /** Calls this whenever a database is found damaged. It must not wait. */
  public static void onDamage(DataSource dataSource, Runnable action) {
    if (dataSource instanceof EmbeddedPool own) {
      own.file().damage().whenFound(action);
    }
  }

  /**
   * Sets a damaged database aside and makes an empty one in its place. Whoever asks meanwhile
   * waits.
   *
   * @param tables makes all tables
   * @throws DatabaseException if that fails; then the next start tries it
   */
  public static void renew(DataSource dataSource, Consumer<DataSource> tables) {
    if (dataSource instanceof EmbeddedPool own) {
      try {
        own.renew(tables);
      } catch (SQLException | IOException e) {
        throw new DatabaseException("making the database anew failed: " + e, e);
      }
    }
  }

  /**
   * Whether a change that failed may be tried again: the disk was read-only or full, and takes
   * writes again. The database is opened for writing then.
   */
  public static boolean takesWritesAgain(DataSource dataSource, Throwable failure) {
    return dataSource instanceof EmbeddedPool own && own.takesWritesAgain(failure);
  }

  /** Why a database takes no changes, as {@link #damage}; empty if it does. */
  public static Optional<String> readOnly(DataSource dataSource) {
    return dataSource instanceof EmbeddedPool own ? own.file().readOnly() : Optional.empty();
  }

  /**
   * Closes all connections and the file; no thread is left. The file is shrunk here, and only here,
   * to what is valid; until then it also holds what was replaced in the last 45 seconds, and older
   * pieces that are valid in part. That takes a second or two for a hundred thousand blobs.
   *
   * @throws DatabaseException where the file could not be closed in order; the next start repairs
   *     it
   */
  @Override
  public void close() {
    try (Connection last = file.getConnection();
        Statement statement = last.createStatement()) {
      pool.close();
      statement.execute(file.isReadOnly() ? "SHUTDOWN IMMEDIATELY" : "SHUTDOWN COMPACT");
    } catch (SQLException e) {
      throw new DatabaseException("closing the database failed: " + e.getMessage(), e);
    } finally {
      pool.close();
      Driver.unload();
      awaitThreads();
    }
  }

  private void awaitThreads() {
    try {
      List<Thread> unused = threads.join(LAST_MOMENTS);
      awaitWriters();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** H2 tells the writer of its compacted copy to end but does not wait until it has. */
  private void awaitWriters() throws InterruptedException {
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().startsWith(WRITER) && thread.getName().contains(path)) {
        thread.join(LAST_MOMENTS.toMillis());
      }
    }
  }
}
