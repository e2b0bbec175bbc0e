package io.entrepot.expiry.quartz;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.database.TestDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Clock;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quartz.JobBuilder;
import org.quartz.JobDetail;
import org.quartz.JobKey;
import org.quartz.SchedulerException;
import org.quartz.SimpleScheduleBuilder;
import org.quartz.Trigger;
import org.quartz.Trigger.CompletedExecutionInstruction;
import org.quartz.Trigger.TriggerState;
import org.quartz.TriggerBuilder;
import org.quartz.impl.jdbcjobstore.SchedulerStateRecord;
import org.quartz.spi.OperableTrigger;
import org.quartz.spi.SchedulerSignaler;

/** What of Quartz's store is not as Quartz has it. */
class LeaseStoreTest {
  private static final JobDetail JOB =
      JobBuilder.newJob(ExpiryJob.class).withIdentity("expiry").storeDurably().build();

  @TempDir Path folder;

  @Test
  void whatGoesWrongWithOneJobPutsNoLeaseAside() throws Exception {
    try (TestDatabase database = TestDatabase.open(folder)) {
      LeaseStore store = store(database);
      store.storeJob(JOB, true);
      OperableTrigger one = trigger("one");
      OperableTrigger other = trigger("other");
      store.storeAll(List.of(one, other));

      store.triggeredJobComplete(
          one, JOB, CompletedExecutionInstruction.SET_ALL_JOB_TRIGGERS_ERROR);

      assertThat(store.getTriggerState(one.getKey())).isEqualTo(TriggerState.NORMAL);
      assertThat(store.getTriggerState(other.getKey())).isEqualTo(TriggerState.NORMAL);
    }
  }

  @Test
  void leaseThatADeadNodeWasEndingIsDueAtOnce() throws Exception {
    try (TestDatabase database = TestDatabase.open(folder)) {
      LeaseStore store = store(database);
      store.storeJob(JOB, true);
      OperableTrigger lease = trigger("lease");
      store.storeAll(List.of(lease));
      Instant now = Instant.now();
      store.triggersFired(store.acquireNextTriggers(now.toEpochMilli(), 1, 0));
      assertThat(dueAt(store, lease)).isAfter(now.plusSeconds(60));

      SchedulerStateRecord dead = new SchedulerStateRecord();
      dead.setSchedulerInstanceId(store.getInstanceId());
      try (Connection connection = database.dataSource().getConnection()) {
        store.clusterRecover(connection, List.of(dead));
      }

      assertThat(dueAt(store, lease)).isBeforeOrEqualTo(Instant.now());
      assertThat(store.acquireNextTriggers(System.currentTimeMillis(), 1, 0)).hasSize(1);
    }
  }

  private static Instant dueAt(LeaseStore store, OperableTrigger trigger) throws Exception {
    return store.retrieveTrigger(trigger.getKey()).getNextFireTime().toInstant();
  }

  private static LeaseStore store(TestDatabase database) throws Exception {
    DataSource source = database.dataSource();
    QuartzLeases.SCHEMA.migrate(source, Clock.systemUTC());
    LeaseStore store =
        new LeaseStore(source, QuartzLeases.dialect(source), List.of(JOB), "test", null);
    store.initialize(new LeaseClasses(), new NoSignals());
    return store;
  }

  private static OperableTrigger trigger(String name) {
    OperableTrigger trigger =
        (OperableTrigger)
            TriggerBuilder.newTrigger()
                .withIdentity(name)
                .forJob(JOB)
                .startAt(Date.from(Instant.now().minusSeconds(1)))
                .withSchedule(SimpleScheduleBuilder.repeatHourlyForever())
                .build();
    trigger.computeFirstFireTime(null);
    return trigger;
  }

  /** Of a scheduler that does not run. */
  private static final class NoSignals implements SchedulerSignaler {
    @Override
    public void notifyTriggerListenersMisfired(Trigger trigger) {}

    @Override
    public void notifySchedulerListenersFinalized(Trigger trigger) {}

    @Override
    public void notifySchedulerListenersJobDeleted(JobKey job) {}

    @Override
    public void signalSchedulingChange(long next) {}

    @Override
    public void notifySchedulerListenersError(String message, @Nullable SchedulerException e) {}
  }
}
