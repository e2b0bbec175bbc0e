package io.entrepot.expiry.quartz;

import io.entrepot.database.FaultyDataSource;
import io.entrepot.database.TestDatabase;
import io.entrepot.expiry.Leases;
import io.entrepot.threads.Pace;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Leases on a database that can be made to fail, and that finds them again after a restart. */
final class LeasesFixture implements AutoCloseable {
  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  final TestDatabase database;
  final FaultyDataSource dataSource;
  private final Leases leases;

  LeasesFixture(Path folder, Pace pace) throws Exception {
    database = TestDatabase.open(folder);
    dataSource = new FaultyDataSource(database.dataSource());
    leases = TestLeases.open(dataSource, pace, meters);
  }

  Leases leases() {
    return leases;
  }

  /** The first value of the first row. */
  String query(String sql) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return rows.next() ? rows.getString(1) : "";
    }
  }

  @Override
  public void close() {
    leases.close();
    database.close();
  }
}
