package io.entrepot.database;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Logger;
import javax.sql.DataSource;

/** A data source that counts who asks, and refuses while it is told to. Thread-safe. */
public final class FaultyDataSource implements DataSource {
  private final DataSource sound;
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicInteger ends = new AtomicInteger();
  private final AtomicInteger failures = new AtomicInteger();
  private volatile boolean down;
  private volatile Runnable before = () -> {};

  public FaultyDataSource(DataSource sound) {
    this.sound = sound;
  }

  public void goDown() {
    down = true;
  }

  public void comeBack() {
    down = false;
  }

  /** Is found ended, as H2 is after a failed write, by so many of those who ask next. */
  public void end(int times) {
    ends.set(times);
  }

  /** Fails for so many of those who ask next. */
  public void fail(int times) {
    failures.set(times);
  }

  public boolean isDown() {
    return down;
  }

  /** Runs before each connection is given. */
  public void before(Runnable action) {
    before = action;
  }

  /** How many connections were asked for. */
  public int asked() {
    return asked.get();
  }

  private static boolean isLeft(AtomicInteger times) {
    return times.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
  }

  @Override
  public Connection getConnection() throws SQLException {
    asked.incrementAndGet();
    if (down || isLeft(failures)) {
      throw new SQLException("the database is down");
    }
    if (isLeft(ends)) {
      throw new SQLException("the database has been closed", "90098");
    }
    before.run();
    return sound.getConnection();
  }

  @Override
  public Connection getConnection(String user, String password) throws SQLException {
    throw new UnsupportedOperationException("nobody has a password here");
  }

  @Override
  public PrintWriter getLogWriter() {
    throw new UnsupportedOperationException("nothing is written");
  }

  @Override
  public void setLogWriter(PrintWriter out) {
    throw new UnsupportedOperationException("nothing is written");
  }

  @Override
  public void setLoginTimeout(int seconds) {
    throw new UnsupportedOperationException("the pool has its own");
  }

  @Override
  public int getLoginTimeout() {
    return 0;
  }

  @Override
  public Logger getParentLogger() {
    return Logger.getGlobal();
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
