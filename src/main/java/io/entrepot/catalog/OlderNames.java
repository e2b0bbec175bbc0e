package io.entrepot.catalog;

import io.entrepot.database.Database;
import io.entrepot.oci.RepositoryName;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The repositories that an older version has stored. Their names do not say which upstream they
 * belong to. They are marked in the database until the names of the upstreams are known.
 */
final class OlderNames {
  private static final String MARK = "?/";

  /** The text after all texts that begin with the mark. */
  private static final String AFTER_MARKED = "?0";

  private static final List<String> TABLES = List.of("link", "tag", "sighting");

  /** How many names are read at once. */
  private static final int BATCH = 1_000;

  private OlderNames() {}

  /**
   * Gives each marked repository its name, or removes its rows. Each repository is one transaction,
   * so this can go on after a crash.
   *
   * @return how many repositories were removed
   */
  static int replace(
      Database database, Function<RepositoryName, Optional<RepositoryName>> successor) {
    int removed = 0;
    for (String table : TABLES) {
      List<String> batch = marked(database, table);
      while (!batch.isEmpty()) {
        for (String old : batch) {
          Optional<RepositoryName> name =
              successor.apply(RepositoryName.of(old.substring(MARK.length())));
          replace(database, old, name);
          removed += name.isEmpty() ? 1 : 0;
        }
        batch = marked(database, table);
      }
    }
    return removed;
  }

  private static List<String> marked(Database database, String table) {
    return database.read(
        "listing the repositories of an older version",
        session ->
            session.list(
                "SELECT DISTINCT repository FROM "
                    + table
                    + " WHERE repository >= ? AND repository < ? LIMIT ?",
                row -> row.getString(1),
                MARK,
                AFTER_MARKED,
                BATCH));
  }

  private static void replace(Database database, String old, Optional<RepositoryName> name) {
    database.write(
        "naming the repository " + old + " of an older version",
        session -> {
          for (String table : TABLES) {
            if (name.isPresent()) {
              session.update(
                  "UPDATE " + table + " SET repository = ? WHERE repository = ?",
                  name.get().value(),
                  old);
            } else {
              session.update("DELETE FROM " + table + " WHERE repository = ?", old);
            }
          }
          return true;
        });
  }
}
