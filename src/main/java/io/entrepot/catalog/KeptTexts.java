package io.entrepot.catalog;

import io.entrepot.database.Database;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The part of the catalog that keeps small texts across restarts, each under a name. Safe for
 * concurrent use. All methods ask the database, and throw {@link
 * io.entrepot.database.DatabaseException} when it fails.
 */
public final class KeptTexts {
  private final Database database;

  KeptTexts(Database database) {
    this.database = database;
  }

  /** The text that was last put under a name. */
  public Optional<String> find(String name) {
    return database.read("finding the text " + name, s -> SettingTable.find(s, name));
  }

  /**
   * Keeps a small text across restarts.
   *
   * @param name at most 100 characters
   * @param value at most 1,000 characters; null forgets the name
   */
  public void put(String name, @Nullable String value) {
    database.write("keeping the text " + name, s -> SettingTable.put(s, name, value));
  }

  /**
   * Keeps a small text under a name that has none. If two do so at once, one of them wins.
   *
   * @return the text that the name has now
   */
  public String claim(String name, String value) {
    return database.write(
        "claiming the text " + name,
        s -> {
          Optional<String> present = SettingTable.find(s, name);
          if (present.isEmpty()) {
            SettingTable.put(s, name, value);
          }
          return present.orElse(value);
        });
  }
}
