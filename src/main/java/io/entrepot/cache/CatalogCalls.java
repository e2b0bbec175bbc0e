package io.entrepot.cache;

import io.entrepot.database.DatabaseException;
import io.entrepot.threads.OnceAMinute;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls the catalog for requests, and decides what its failures mean for them. Thread-safe. */
final class CatalogCalls {
  private static final Logger log = LoggerFactory.getLogger(CatalogCalls.class);

  private final OnceAMinute due = new OnceAMinute();

  /**
   * Asks the catalog.
   *
   * @throws io.entrepot.oci.OciException with {@code UNAVAILABLE} if the database fails
   */
  <T> T ask(Supplier<T> query) {
    try {
      return query.get();
    } catch (DatabaseException e) {
      throw ClientErrors.unavailable("a query of the catalog failed", e);
    }
  }

  /**
   * Records what the upstream has just said. If the database fails, that is only logged: a client
   * that the upstream has answered gets its answer (F27).
   */
  void record(String what, Runnable write) {
    try {
      write.run();
    } catch (DatabaseException e) {
      if (due.isDue("record")) {
        log.error(
            "The database could not record {}. More of this is logged once a minute", what, e);
      }
    }
  }
}
