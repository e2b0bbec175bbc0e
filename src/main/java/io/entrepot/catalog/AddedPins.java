package io.entrepot.catalog;

import io.entrepot.database.Changes;
import io.entrepot.database.Database;
import java.util.List;

/**
 * The part of the catalog that has the pins which people have added. Safe for concurrent use. All
 * methods ask the database, and throw {@link io.entrepot.database.DatabaseException} when it fails.
 */
public final class AddedPins {
  private final Database database;
  private final Changes changes;

  AddedPins(Database database, Changes changes) {
    this.database = database;
    this.changes = changes;
  }

  /** All of them, in the order of their patterns. */
  public List<PinEntry> all() {
    return database.read("listing the pins", PinTable::all);
  }

  /**
   * Adds a pin.
   *
   * @return false if it is there already
   */
  public boolean add(PinEntry pin) {
    return database.write(
        "adding a pin",
        session -> {
          changes.tell(session, Others.PINS, "");
          return PinTable.add(session, pin);
        });
  }

  /**
   * Takes a pin away.
   *
   * @return false if it is not there
   */
  public boolean remove(String pattern) {
    return database.write(
        "removing a pin",
        session -> {
          changes.tell(session, Others.PINS, "");
          return PinTable.remove(session, pattern);
        });
  }
}
