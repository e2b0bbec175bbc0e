package io.entrepot.database;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Properties;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Connections by a driver itself. The driver manager of the JVM may have lost it, to whoever has
 * taken out what an application that ended had left there. Thread-safe.
 */
final class DriverSource implements DataSource {
  private final String driver;
  private final String url;
  private final Properties properties;

  /**
   * Connects to nothing yet.
   *
   * @param driver the name of its class
   * @param properties the driver's own, with user, password and all time limits
   */
  DriverSource(String driver, String url, Properties properties) {
    this.driver = driver;
    this.url = url;
    this.properties = (Properties) properties.clone();
  }

  @Override
  public Connection getConnection() throws SQLException {
    Connection connection = driver().connect(url, (Properties) properties.clone());
    if (connection == null) {
      throw new SQLException("the driver " + driver + " does not take this URL");
    }
    return connection;
  }

  private Driver driver() throws SQLException {
    try {
      return Class.forName(driver, true, DriverSource.class.getClassLoader())
          .asSubclass(Driver.class)
          .getDeclaredConstructor()
          .newInstance();
    } catch (ReflectiveOperationException e) {
      throw new SQLException("the driver " + driver + " cannot be used", e);
    }
  }

  @Override
  public Connection getConnection(String user, String password) throws SQLException {
    throw new SQLFeatureNotSupportedException("the user is one of the properties");
  }

  @Override
  public @Nullable PrintWriter getLogWriter() {
    return null;
  }

  @Override
  public void setLogWriter(PrintWriter out) throws SQLException {
    throw new SQLFeatureNotSupportedException("the driver writes its own log");
  }

  @Override
  public void setLoginTimeout(int seconds) {
    // It is one of the properties.
  }

  @Override
  public int getLoginTimeout() {
    return 0;
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    throw new SQLFeatureNotSupportedException("the driver has its own logger");
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    throw new SQLException("this is no " + type.getName());
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return false;
  }
}
