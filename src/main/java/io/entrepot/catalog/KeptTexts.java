package io.entrepot.catalog;

import io.entrepot.database.Changes;
import io.entrepot.database.Database;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The part of the catalog that keeps small texts across restarts, each under a name. Safe for
 * concurrent use. All methods ask the database, and throw {@link
 * io.entrepot.database.DatabaseException} when it fails.
 */
public final class KeptTexts {
  private final Database database;
  private final Changes changes;

  KeptTexts(Database database, Changes changes) {
    this.database = database;
    this.changes = changes;
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
   * Replaces a small text, if it is still as it was read. Other nodes are told.
   *
   * @param before what was read; null if there was none
   * @return the text that the name has now
   */
  public String replace(String name, @Nullable String before, String after) {
    return database.write(
        "replacing the text " + name,
        s -> {
          Optional<String> present = SettingTable.lock(s, name);
          if (!Objects.equals(present.orElse(null), before)) {
            return present.orElse("");
          }
          SettingTable.put(s, name, after);
          changes.tell(s, Others.TEXT, name);
          return after;
        });
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
