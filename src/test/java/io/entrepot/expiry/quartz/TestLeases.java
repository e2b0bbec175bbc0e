package io.entrepot.expiry.quartz;

import io.entrepot.expiry.Leases;
import io.entrepot.threads.Pace;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import javax.sql.DataSource;

/** Leases in a database of a test's. */
public final class TestLeases {
  private TestLeases() {}

  /** As fast as any test needs them. */
  public static Leases open(DataSource dataSource) {
    return open(dataSource, 1_000, new SimpleMeterRegistry());
  }

  public static Leases open(DataSource dataSource, int perSecond, MeterRegistry meters) {
    return open(dataSource, new Pace(perSecond, System::nanoTime), meters);
  }

  public static Leases open(DataSource dataSource, Pace pace, MeterRegistry meters) {
    return new QuartzLeases(dataSource, pace, meters, Thread::new);
  }
}
