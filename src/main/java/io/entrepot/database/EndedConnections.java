package io.entrepot.database;

import com.zaxxer.hikari.HikariPoolMXBean;
import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The pool's rule for connections whose database was ended by a failed write. All connections go at
 * once: none of them will ever work again, although H2 still calls them valid. Thread-safe.
 */
final class EndedConnections implements SQLExceptionOverride {
  private final AtomicLong found = new AtomicLong();
  private final EmbeddedFile file;
  private volatile @Nullable HikariPoolMXBean pool;

  /**
   * Begins without a pool.
   *
   * @param file is told of failures
   */
  EndedConnections(EmbeddedFile file) {
    this.file = file;
  }

  void of(HikariPoolMXBean other) {
    pool = other;
  }

  /** How many connections were found whose database had ended: one or more for each end. */
  long found() {
    return found.get();
  }

  @java.lang.Override // the interface has a type of that name
  public SQLExceptionOverride.Override adjudicate(SQLException e) {
    file.damage().noteFailure(e);
    HikariPoolMXBean all = pool;
    if (!Dialect.hasEnded(e) || all == null) {
      return SQLExceptionOverride.Override.CONTINUE_EVICT;
    }
    found.incrementAndGet();
    all.softEvictConnections();
    return SQLExceptionOverride.Override.MUST_EVICT;
  }
}
