package io.entrepot.catalog;

import java.nio.file.Path;
import javax.sql.DataSource;

/** An H2 database in one file of a folder, behind a bounded pool; nobody else can open it. */
@SuppressWarnings({"DoNotCallSuggester", "UnusedVariable"}) // bodies follow
public final class EmbeddedDatabase implements AutoCloseable {
  private EmbeddedDatabase() {}

  /**
   * Opens the database of a folder, or creates it.
   *
   * @param folder an existing folder; its path may hold anything but a semicolon
   * @throws UnreadableDatabaseException where the file is damaged or not a database
   * @throws CatalogException where it cannot be opened for another reason, as when another process
   *     has it open
   */
  public static EmbeddedDatabase open(Path folder) {
    throw new UnsupportedOperationException("to come " + folder);
  }

  /** Connections from the pool; safe for concurrent use until {@link #close}. */
  public DataSource dataSource() {
    throw new UnsupportedOperationException("to come");
  }

  /** Closes all connections and the file; no thread is left. */
  @Override
  public void close() {}
}
