package io.entrepot.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVStoreException;

/** The databases that are supported, and the few things in which they differ. */
public enum Dialect {
  H2(""),
  POSTGRESQL("COLLATE \"C\"");

  /**
   * The SQL states by which H2 tells that the database has ended: by another's failed write, or
   * since it is opened anew for writing.
   */
  private static final Set<String> ENDED = Set.of("90098", "90121");

  /** A bound, since the causes of an exception of H2 may form a circle. */
  private static final int MAX_CAUSES = 20;

  private final String bytewiseCollation;

  Dialect(String bytewiseCollation) {
    this.bytewiseCollation = bytewiseCollation;
  }

  /**
   * Asks the database what it is.
   *
   * @throws DatabaseException where it is neither
   */
  public static Dialect of(Connection connection) throws SQLException {
    String product = connection.getMetaData().getDatabaseProductName();
    return switch (product) {
      case "H2" -> H2;
      case "PostgreSQL" -> POSTGRESQL;
      default ->
          throw new DatabaseException(
              "the database is " + product + "; only H2 and PostgreSQL are supported");
    };
  }

  /**
   * Whether the database had ended, by another's failed write, before this work began. A new
   * connection opens it again, so the work can be done anew.
   */
  static boolean hadEnded(Throwable failure) {
    return causes(failure).anyMatch(cause -> cause instanceof SQLException e && hasEnded(e));
  }

  /** Whether this very exception says that the database has ended. */
  static boolean hasEnded(SQLException e) {
    return ENDED.contains(String.valueOf(e.getSQLState()));
  }

  /**
   * Whether a failed write has ended the database, before this work began or during it. H2 writes
   * much in the background, and reports a failure of that to whoever comes next. Work that changes
   * nothing, or may be done twice, is then to be done again.
   */
  public static boolean wasEnded(Throwable failure) {
    return hadEnded(failure)
        || causes(failure)
            .anyMatch(
                cause ->
                    cause instanceof MVStoreException e
                        && e.getErrorCode() == DataUtils.ERROR_WRITING_FAILED);
  }

  /** A failure and its causes. */
  static Stream<Throwable> causes(Throwable failure) {
    return Stream.iterate(failure, Objects::nonNull, Throwable::getCause).limit(MAX_CAUSES);
  }

  /** What to write behind a text column's type so that it sorts by bytes. */
  String bytewiseCollation() {
    return bytewiseCollation;
  }
}
