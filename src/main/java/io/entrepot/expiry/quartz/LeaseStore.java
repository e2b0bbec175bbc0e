package io.entrepot.expiry.quartz;

import io.entrepot.database.Dialect;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.quartz.JobDetail;
import org.quartz.JobKey;
import org.quartz.JobPersistenceException;
import org.quartz.Trigger.CompletedExecutionInstruction;
import org.quartz.TriggerKey;
import org.quartz.impl.jdbcjobstore.AttributeRestoringConnectionInvocationHandler;
import org.quartz.impl.jdbcjobstore.FiredTriggerRecord;
import org.quartz.impl.jdbcjobstore.InvalidConfigurationException;
import org.quartz.impl.jdbcjobstore.JobStoreTX;
import org.quartz.impl.jdbcjobstore.PostgreSQLDelegate;
import org.quartz.impl.jdbcjobstore.SchedulerStateRecord;
import org.quartz.impl.jdbcjobstore.StdJDBCDelegate;
import org.quartz.impl.matchers.GroupMatcher;
import org.quartz.impl.triggers.SimpleTriggerImpl;
import org.quartz.spi.OperableTrigger;
import org.quartz.spi.TriggerFiredResult;
import org.quartz.utils.ConnectionProvider;
import org.quartz.utils.DBConnectionManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Quartz's JDBC job store on a given data source; Quartz itself would look one up in its static
 * registry. It adds batches of triggers, which Quartz offers only together with jobs.
 */
@SuppressWarnings("unchecked") // JobStoreTX itself overrides a generic method without its type
final class LeaseStore extends JobStoreTX {
  private static final String REGISTERED = "entrepot";
  private static final String SINGLE = "single";

  /** A node that misses this for a while is dead, and another one runs what it has begun. */
  private static final Duration CHECK_IN = Duration.ofSeconds(5);

  private static final Duration DATABASE_RETRY = Duration.ofSeconds(2);

  /** How often Quartz looks for misfires: seldom, since a lease that is late just fires. */
  private static final Duration MISFIRE_LOOK = Duration.ofMinutes(10);

  /** How often a start tries to free leases. It can be done once only, and all depends on it. */
  private static final int ATTEMPTS = 3;

  private static final Logger log = LoggerFactory.getLogger(LeaseStore.class);

  private final DataSource dataSource;
  private final Map<JobKey, JobDetail> jobs;

  /** Made early: when it is needed, a server may have deleted our classes already. */
  private final ConnectionProvider standIn = new StandIn();

  LeaseStore(
      DataSource dataSource,
      Dialect dialect,
      List<JobDetail> jobs,
      String scheduler,
      @Nullable String node) {
    this.dataSource = dataSource;
    this.jobs = jobs.stream().collect(Collectors.toMap(JobDetail::getKey, job -> job));
    setInstanceName(scheduler);
    setInstanceId(node == null ? SINGLE : node);
    setIsClustered(node != null);
    setClusterCheckinInterval(CHECK_IN.toMillis());
    setDriverDelegateClassOf(dialect);
    setDataSource(REGISTERED);
    setUseProperties("true"); // no serialized objects in the tables (S21)
    setAcquireTriggersWithinLock(true);
    setMakeThreadsDaemons(true);
    setMisfireThreshold(MISFIRE_LOOK.toMillis());
    setDbRetryInterval(DATABASE_RETRY.toMillis());
  }

  private void setDriverDelegateClassOf(Dialect dialect) {
    Class<?> delegate =
        switch (dialect) {
          case H2 -> StdJDBCDelegate.class;
          case POSTGRESQL -> PostgreSQLDelegate.class;
        };
    try {
      setDriverDelegateClass(delegate.getName());
    } catch (InvalidConfigurationException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  protected Connection getConnection() throws JobPersistenceException {
    try {
      Connection connection = getAttributeRestoringConnection(dataSource.getConnection());
      connection.setAutoCommit(false);
      return connection;
    } catch (SQLException e) {
      throw new JobPersistenceException("no connection for leases: " + e.getMessage(), e);
    }
  }

  /**
   * Wraps a connection, so that its attributes are restored when it is closed. Quartz would make
   * the wrapper with the context class loader of the calling thread. A thread of JMX has none that
   * knows {@link Connection}.
   */
  @Override
  protected Connection getAttributeRestoringConnection(Connection connection) {
    return (Connection)
        Proxy.newProxyInstance(
            LeaseStore.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            new AttributeRestoringConnectionInvocationHandler(connection));
  }

  /** Adds or replaces triggers in one transaction. */
  int storeAll(Collection<OperableTrigger> triggers) throws JobPersistenceException {
    return executeInNonManagedTXLock(
        LOCK_TRIGGER_ACCESS,
        connection -> {
          for (OperableTrigger trigger : triggers) {
            store(connection, trigger);
          }
          return triggers.size();
        },
        null);
  }

  private void store(Connection connection, OperableTrigger trigger)
      throws JobPersistenceException {
    JobDetail job = jobs.get(trigger.getJobKey());
    storeTrigger(connection, trigger, job, true, STATE_WAITING, true, false);
  }

  /** How many triggers are leases; the others are of chores. */
  int countLeases() throws JobPersistenceException {
    return getNumberOfTriggers()
        - getTriggerKeys(GroupMatcher.triggerGroupEquals(ChoreJob.GROUP)).size();
  }

  /** The names of the triggers of a group that follow a name, in order. */
  List<String> namesAfter(String last, String group, int max) throws JobPersistenceException {
    return executeInNonManagedTXLock(null, connection -> names(connection, last, group, max), null);
  }

  private List<String> names(Connection connection, String last, String group, int max)
      throws JobPersistenceException {
    String sql =
        "SELECT trigger_name FROM "
            + getTablePrefix()
            + "triggers WHERE sched_name = ? AND trigger_name > ? AND trigger_group = ?"
            + " ORDER BY trigger_name LIMIT ?";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, getInstanceName());
      statement.setString(2, last);
      statement.setString(3, group);
      statement.setInt(4, max);
      List<String> names = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          names.add(rows.getString(1));
        }
      }
      return names;
    } catch (SQLException e) {
      throw new JobPersistenceException("listing leases: " + e.getMessage(), e);
    }
  }

  /** Tells which of the keys have no trigger. */
  List<TriggerKey> missing(Collection<TriggerKey> keys) throws JobPersistenceException {
    return executeInNonManagedTXLock(
        null,
        connection -> {
          List<TriggerKey> missing = new ArrayList<>();
          for (TriggerKey key : keys) {
            if (!triggerExists(connection, key)) {
              missing.add(key);
            }
          }
          return missing;
        },
        null);
  }

  /**
   * One of our two jobs, whatever the table says. So nothing that stands in the table is loaded or
   * run (S21), and no failure to read it puts a trigger into Quartz's state of error.
   */
  @Override
  protected @Nullable JobDetail retrieveJob(Connection connection, JobKey key) {
    return jobs.get(key);
  }

  /**
   * Frees what an earlier process had taken. If the database fails, it is tried again here: a
   * second start of the scheduler would leave this out.
   */
  @Override
  protected void recoverJobs() throws JobPersistenceException {
    for (int left = ATTEMPTS; ; left--) {
      try {
        super.recoverJobs();
        return;
      } catch (JobPersistenceException e) {
        if (left == 1) {
          throw e;
        }
        log.warn("Leases cannot be freed yet, and it is tried again: {}", e.getMessage());
      }
    }
  }

  /**
   * Makes due the triggers that an earlier process had taken and not finished when it died. Each
   * such trigger has a record of that, so only those are looked at. Quartz would look at all
   * triggers, several times.
   */
  @Override
  protected void recoverJobs(Connection connection) throws JobPersistenceException {
    try {
      makeDue(connection, getInstanceId());
      getDelegate().deleteFiredTriggers(connection);
    } catch (SQLException e) {
      throw new JobPersistenceException("freeing leases: " + e.getMessage(), e);
    }
  }

  /**
   * Makes due the triggers that nodes had taken and not finished when they died. Quartz would let
   * the next firing of those that were at work stand, which may be far away.
   */
  @Override
  protected void clusterRecover(Connection connection, List<SchedulerStateRecord> dead)
      throws JobPersistenceException {
    try {
      for (SchedulerStateRecord node : dead) {
        makeDue(connection, node.getSchedulerInstanceId());
      }
    } catch (SQLException e) {
      throw new JobPersistenceException("freeing leases of dead nodes: " + e.getMessage(), e);
    }
    super.clusterRecover(connection, dead);
  }

  private void makeDue(Connection connection, String node)
      throws SQLException, JobPersistenceException {
    for (FiredTriggerRecord record :
        getDelegate().selectInstancesFiredTriggerRecords(connection, node)) {
      if (retrieveTrigger(connection, record.getTriggerKey()) instanceof SimpleTriggerImpl taken) {
        taken.setNextFireTime(Date.from(Instant.now()));
        store(connection, taken);
      }
    }
  }

  /** Ends a job. Whatever went wrong with it, other leases go on; Quartz would stop them. */
  @Override
  protected void triggeredJobComplete(
      Connection connection,
      OperableTrigger trigger,
      JobDetail job,
      CompletedExecutionInstruction instruction)
      throws JobPersistenceException {
    super.triggeredJobComplete(connection, trigger, job, CompletedExecutionInstruction.NOOP);
  }

  /** Makes the scheduler look again, since something is due earlier than it knows. */
  void announce(Instant due) {
    signalSchedulingChangeImmediately(due.toEpochMilli());
  }

  /**
   * Fires triggers. Each is due again an interval from now. Quartz would count from when it was
   * due, and fire an overdue one once for every interval that has passed.
   */
  @Override
  public List<TriggerFiredResult> triggersFired(List<OperableTrigger> triggers)
      throws JobPersistenceException {
    Date now = Date.from(Instant.now());
    for (OperableTrigger trigger : triggers) {
      if (trigger instanceof SimpleTriggerImpl simple) {
        simple.setStartTime(now);
        simple.setNextFireTime(now);
      }
    }
    return super.triggersFired(triggers);
  }

  /** Quartz closes the provider of that name in its registry, so there must be one: a stand-in. */
  @Override
  public void shutdown() {
    DBConnectionManager.getInstance().addConnectionProvider(REGISTERED, standIn);
    super.shutdown();
  }

  /** A provider without a data source, so that the static registry keeps none alive. */
  private static final class StandIn implements ConnectionProvider {
    @Override
    public Connection getConnection() throws SQLException {
      throw new SQLException("leases bring their own data source");
    }

    @Override
    public void initialize() {}

    @Override
    public void shutdown() {}
  }
}
