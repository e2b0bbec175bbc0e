package io.entrepot.catalog;

import com.github.benmanes.caffeine.cache.Cache;
import io.entrepot.database.DatabaseException;
import io.entrepot.database.Knowledge;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Rows of the database that are answered from memory. It holds rows that exist, never their
 * absence.
 *
 * <p>A row is read and {@linkplain #write written} while its key is held, so that memory takes the
 * values of one key in the order of their commits. A removal forgets the key after its commit, and
 * waits for whoever holds it. So nothing stale outlives a change. Where the outcome of a change is
 * unknown, the key is forgotten and the next reader asks the database.
 *
 * <p>Safe for concurrent use. {@link #inMemory} never waits. What is run under a key may wait for
 * the database, and must not use this cache.
 *
 * @param <K> tells one row from another
 * @param <V> the row, immutable
 */
final class RowCache<K, V> {
  private final Cache<K, V> rows;
  private final Knowledge knowledge;

  /**
   * @param rows where they are kept; drops rows when they weigh too much
   * @param knowledge whether they count, as other nodes may have changed the database
   */
  RowCache(Cache<K, V> rows, Knowledge knowledge) {
    this.rows = rows;
    this.knowledge = knowledge;
  }

  /** The row where it is in memory; empty where only the database can tell. */
  Optional<V> inMemory(K key) {
    return knowledge.isCurrent() ? Optional.ofNullable(rows.getIfPresent(key)) : Optional.empty();
  }

  /**
   * The row, from memory or else from the database.
   *
   * @param read asks the database; empty where there is no such row
   */
  Optional<V> find(K key, Function<K, Optional<V>> read) {
    return Optional.ofNullable(
        knowledge.isCurrent()
            ? rows.get(key, wanted -> read.apply(wanted).orElse(null))
            : rows.asMap().compute(key, (wanted, before) -> ask(wanted, before, read)));
  }

  private @Nullable V ask(K key, @Nullable V before, Function<K, Optional<V>> read) {
    try {
      return read.apply(key).orElse(null);
    } catch (DatabaseException e) {
      if (before != null && knowledge.countsInOutage()) {
        return before;
      }
      throw e;
    }
  }

  /**
   * Makes or changes a row, and keeps what was committed.
   *
   * @param write commits, and returns the row as it is then
   */
  void write(K key, Supplier<V> write) {
    boolean committed = false;
    try {
      rows.asMap().compute(key, (same, before) -> write.get());
      committed = true;
    } finally {
      if (!committed) {
        rows.invalidate(key);
      }
    }
  }

  /** Changes a row that is in memory, after the same change was committed. */
  void change(K key, UnaryOperator<V> change) {
    rows.asMap().computeIfPresent(key, (same, before) -> change.apply(before));
  }

  /** Forgets a row that was deleted, or may have been. */
  void forget(K key) {
    rows.invalidate(key);
  }

  /** Forgets rows that were deleted, or may have been. */
  void forget(Collection<K> keys) {
    rows.invalidateAll(keys);
  }

  /** Forgets all rows: the database has lost them. */
  void forgetAll() {
    rows.invalidateAll();
  }
}
