package io.entrepot.database;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.apache.commons.io.FileUtils;
import org.h2.api.ErrorCode;
import org.h2.jdbcx.JdbcDataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The file of the embedded database, and what is wrong with it. Thread-safe.
 *
 * <p>A disk that has become read-only refuses to open it for writing. Then it is opened for reading
 * only: what is known can be asked, and each change fails at once (F27). It is opened for writing
 * again when the disk takes writes again.
 *
 * <p>A file that is found damaged or removed while it is in use ({@link FileDamage}) is set aside,
 * and {@linkplain #renew made anew}.
 */
final class EmbeddedFile implements DataSource {
  private static final org.slf4j.Logger log = LoggerFactory.getLogger(EmbeddedFile.class);

  private static final String USER = "entrepot";

  /** H2's own, which survives a thread that is interrupted while it reads or writes. */
  private static final String FILE_SYSTEM = "retry:";

  private static final String READ_ONLY = ";ACCESS_MODE_DATA=r";

  /** The folder beside that of the database, to which a damaged one is moved. */
  private static final String ASIDE = "index.damaged";

  /** What is written to find out whether the disk takes writes: a full one takes names only. */
  private static final int PROBE = 16 << 10;

  private static final long RETRY_NANOS = Duration.ofMillis(250).toNanos();

  /** How long to wait until a database that has ended lets go of the file. It takes moments. */
  private static final long LET_GO_NANOS = Duration.ofSeconds(2).toNanos();

  private static final long LOOK_NANOS = Duration.ofMillis(10).toNanos();

  private final Path file;
  private final JdbcDataSource writable;
  private final JdbcDataSource readable;
  private final AtomicLong triedAt = new AtomicLong(System.nanoTime());
  private volatile @Nullable SQLException refusal;
  private volatile @Nullable String readOnly;

  private final FileDamage damage;

  /** Shared while the file is opened, alone while it is made anew. */
  private final ReadWriteLock opening = new ReentrantReadWriteLock();

  /**
   * A file that is not opened yet.
   *
   * @param path its path without H2's suffix
   * @param options H2's options of the URL
   */
  EmbeddedFile(String path, String options) {
    this.file = Path.of(path + ".mv.db");
    this.damage = new FileDamage(file);
    String url = "jdbc:h2:" + FILE_SYSTEM + path + options;
    this.writable = source(url);
    this.readable = source(url + READ_ONLY);
  }

  private static JdbcDataSource source(String url) {
    JdbcDataSource source = new JdbcDataSource();
    source.setURL(url);
    source.setUser(USER);
    source.setPassword("");
    return source;
  }

  /**
   * Opens it for the first time, for writing.
   *
   * @return a connection; as long as one is open, H2 does not close the file
   * @throws UnreadableDatabaseException where the file is damaged or not a database
   */
  Connection open() throws SQLException {
    if (damage.isMarked()) {
      throw new UnreadableDatabaseException(file, new IOException("found damaged while in use"));
    }
    try {
      return create();
    } catch (SQLException e) {
      if (FileDamage.isMeantBy(e)) {
        throw new UnreadableDatabaseException(file, e);
      }
      throw e;
    }
  }

  private Connection create() throws SQLException {
    Connection first = writable.getConnection();
    closeToOthers();
    damage.begin();
    return first;
  }

  /** Sets the mode 0600: the database names private repositories. */
  private void closeToOthers() {
    @Nullable PosixFileAttributeView view =
        Files.getFileAttributeView(file, PosixFileAttributeView.class);
    try {
      if (view != null) {
        view.setPermissions(PosixFilePermissions.fromString("rw-------"));
      }
    } catch (IOException e) {
      log.warn("Other users may be able to read {}: {}", file, e.toString());
    }
  }

  Path path() {
    return file;
  }

  FileDamage damage() {
    return damage;
  }

  /** Moves the folder of a database aside, in place of what was moved there before. */
  static void setAside(Path folder) throws IOException {
    Path aside = folder.resolveSibling(ASIDE);
    FileUtils.deleteDirectory(aside.toFile());
    if (Files.exists(folder)) {
      Files.move(folder, aside);
    }
    Files.createDirectories(folder);
  }

  /**
   * Sets a damaged file aside and makes a new one, while others wait. All connections end.
   *
   * @param tables makes the tables in the new file
   * @throws IOException if the file cannot be moved
   */
  void renew(Consumer<DataSource> tables) throws SQLException, IOException {
    opening.writeLock().lock();
    try {
      end();
      setAside(Objects.requireNonNull(file.getParent()));
      try (Connection first = create()) {
        if (!Files.exists(file)) {
          throw new IOException("the old file is still open");
        }
        tables.accept(writable);
      }
      damage.forget();
    } finally {
      opening.writeLock().unlock();
    }
  }

  /** Ends the database for all. What is damaged may have ended by itself. */
  void end() {
    try (Connection last = writable.getConnection();
        Statement statement = last.createStatement()) {
      statement.execute("SHUTDOWN IMMEDIATELY");
    } catch (SQLException e) {
      log.debug("The damaged database could not be ended", e);
    }
  }

  @Override
  public Connection getConnection() throws SQLException {
    opening.readLock().lock();
    try {
      return openConnection();
    } finally {
      opening.readLock().unlock();
    }
  }

  private Connection openConnection() throws SQLException {
    try {
      Connection connection = connect(readOnly == null ? writable : readable);
      refusal = null;
      return connection;
    } catch (SQLException e) {
      Connection connection = isRefusedByDisk(e) ? orReadOnly(e) : null;
      if (connection == null) {
        refusal = e;
        throw e;
      }
      refusal = null;
      return connection;
    }
  }

  /**
   * Connects. After a write that failed, H2 ends the database on the thread that wrote. Until that
   * has closed the file, this process itself still has the lock on it.
   */
  private static Connection connect(DataSource source) throws SQLException {
    long begun = System.nanoTime();
    while (true) {
      try {
        return source.getConnection();
      } catch (SQLException e) {
        boolean locked = e.getErrorCode() == ErrorCode.DATABASE_ALREADY_OPEN_1;
        if (!locked || System.nanoTime() - begun > LET_GO_NANOS) {
          throw e;
        }
        LockSupport.parkNanos(LOOK_NANOS);
      }
    }
  }

  private @Nullable Connection orReadOnly(SQLException why) {
    try {
      Connection connection = readable.getConnection();
      if (readOnly == null) {
        readOnly = "the disk refuses writes: " + FailureReason.ofCauses(why);
        log.error("The database is opened for reading only: {}", readOnly);
      }
      return connection;
    } catch (SQLException e) {
      why.addSuppressed(e);
      return null;
    }
  }

  private static boolean isRefusedByDisk(SQLException e) {
    return !FileDamage.isMeantBy(e) && Dialect.causes(e).anyMatch(IOException.class::isInstance);
  }

  /**
   * Tries to open it after a refusal, at most four times a second. The pool does not try if it has
   * all its connections, and nobody would ever get one of them.
   */
  boolean opensAgain() {
    long now = System.nanoTime();
    long last = triedAt.get();
    if (now - last < RETRY_NANOS || !triedAt.compareAndSet(last, now)) {
      return false;
    }
    try (Connection opened = getConnection()) {
      return opened.isValid(0);
    } catch (SQLException e) {
      return false;
    }
  }

  /** Why the last attempt to open it failed; null if it did not. */
  @Nullable SQLException refusal() {
    return refusal;
  }

  boolean isReadOnly() {
    return readOnly != null;
  }

  /**
   * After a change was refused: opens the file for writing if the disk takes writes again.
   *
   * @return whether the change may be tried again
   */
  synchronized boolean reopenForWriting() {
    try {
      probe();
      try (Connection last = readable.getConnection();
          Statement statement = last.createStatement()) {
        statement.execute("SHUTDOWN IMMEDIATELY");
      }
      readOnly = null;
      log.info("The disk takes writes again: the database is opened for writing");
      return true;
    } catch (IOException | SQLException e) {
      log.debug("The database stays read-only", e);
      return false;
    }
  }

  /** Writes as H2 does. */
  private void probe() throws IOException {
    String probe = FILE_SYSTEM + file.resolveSibling("probe");
    try (OutputStream out = org.h2.store.fs.FileUtils.newOutputStream(probe, false)) {
      out.write(new byte[PROBE]);
    } finally {
      org.h2.store.fs.FileUtils.tryDelete(probe);
    }
  }

  /** Why it takes no changes; empty if it does. */
  Optional<String> readOnly() {
    return Optional.ofNullable(readOnly);
  }

  @Override
  public Connection getConnection(String user, String password) throws SQLException {
    throw new SQLFeatureNotSupportedException("the user is always the same");
  }

  @Override
  public @Nullable PrintWriter getLogWriter() {
    return null;
  }

  @Override
  public void setLogWriter(@Nullable PrintWriter out) {}

  @Override
  public void setLoginTimeout(int seconds) {
    writable.setLoginTimeout(seconds);
  }

  @Override
  public int getLoginTimeout() {
    return writable.getLoginTimeout();
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    throw new SQLFeatureNotSupportedException("it logs by SLF4J");
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    throw new SQLException("not a wrapper");
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return false;
  }
}
