package io.entrepot.expiry.quartz;

import io.entrepot.database.Dialect;
import io.entrepot.database.EmbeddedDatabase;
import io.entrepot.database.Schema;
import io.entrepot.database.SlowCount;
import io.entrepot.expiry.LeaseException;
import io.entrepot.expiry.Leases;
import io.entrepot.oci.Digest;
import io.entrepot.threads.Pace;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.quartz.JobBuilder;
import org.quartz.JobDetail;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.SimpleScheduleBuilder;
import org.quartz.TriggerBuilder;
import org.quartz.TriggerKey;
import org.quartz.core.QuartzScheduler;
import org.quartz.core.QuartzSchedulerResources;
import org.quartz.impl.StdJobRunShellFactory;
import org.quartz.impl.StdScheduler;
import org.quartz.spi.OperableTrigger;

/**
 * Leases as triggers of Quartz: one durable trigger per digest, named as the digest, in Quartz's
 * JDBC job store.
 *
 * <p>The scheduler is put together here and not by Quartz's factories, which would keep it in a
 * static registry.
 */
public final class QuartzLeases implements Leases {
  static final Schema SCHEMA = new Schema("expiry", List.of("/io/entrepot/expiry/schema-1.sql"));
  private static final String NAME = "entrepot";
  private static final String GROUP = "lease";
  private static final JobDetail JOB =
      JobBuilder.newJob(ExpiryJob.class).withIdentity("expiry", GROUP).storeDurably().build();
  private static final JobDetail CHORE =
      JobBuilder.newJob(ChoreJob.class)
          .withIdentity("chore", ChoreJob.GROUP)
          .storeDurably()
          .build();

  private static final int THREADS = 2;
  private static final int MAX_BATCH = 50;
  private static final Duration CLOSE = Duration.ofSeconds(10);

  /** One more is enough where another's failed write has ended the database (F4). */
  private static final int ATTEMPTS = 4;

  /** How far ahead Quartz has looked; it must be told of what becomes due before that. */
  private static final Duration AHEAD = Duration.ofSeconds(30);

  private final DataSource dataSource;
  private final Pace pace;
  private final MeterRegistry meters;
  private final LeaseThreads threads;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final LeaseStore store;
  private final Scheduler scheduler;
  private final SlowCount<Integer> count;
  private final Gauge gauge;
  private final Map<String, Chore> chores = new ConcurrentHashMap<>();

  /**
   * Creates or migrates the tables.
   *
   * @param dataSource H2 or PostgreSQL; stays the caller's to close, after this
   * @param pace at what rate leases that have run out are handed on
   * @param meters gets the gauge {@code entrepot.leases}
   * @param factory makes the threads that hand on leases; Quartz makes two of its own
   */
  public QuartzLeases(
      DataSource dataSource, Pace pace, MeterRegistry meters, ThreadFactory factory) {
    this(dataSource, pace, meters, factory, null);
  }

  /**
   * Creates or migrates the tables, which other nodes may use too. Each lease is then ended by one
   * of them.
   *
   * @param node the name of this node; null if it is alone
   */
  public QuartzLeases(
      DataSource dataSource,
      Pace pace,
      MeterRegistry meters,
      ThreadFactory factory,
      @Nullable String node) {
    this.threads = new LeaseThreads(THREADS, CLOSE, factory);
    makeTables(dataSource, Clock.systemUTC());
    this.dataSource = dataSource;
    this.pace = pace;
    this.meters = meters;
    this.store = new LeaseStore(dataSource, dialect(dataSource), List.of(JOB, CHORE), NAME, node);
    this.scheduler = attempt("setting up the leases", this::assemble);
    this.count =
        new SlowCount<>(() -> attempt("counting the leases", store::countLeases), System::nanoTime);
    this.gauge =
        Gauge.builder("entrepot.leases", this, QuartzLeases::countOrNan)
            .description("Digests that have a lease")
            .register(meters);
  }

  /**
   * Creates or migrates the tables.
   *
   * @param clock dates the migrations
   */
  public static void makeTables(DataSource dataSource, Clock clock) {
    SCHEMA.migrate(dataSource, clock);
  }

  /** Looks whether this program can use the tables, as {@link Schema#check}. */
  public static void checkTables(DataSource dataSource) {
    var unused = SCHEMA.check(dataSource);
  }

  static Dialect dialect(DataSource dataSource) {
    try (Connection connection = dataSource.getConnection()) {
      return Dialect.of(connection);
    } catch (SQLException e) {
      throw new LeaseException("asking the database what it is", e);
    }
  }

  private Scheduler assemble() throws SchedulerException {
    StdJobRunShellFactory shells = new StdJobRunShellFactory();
    QuartzSchedulerResources parts = new QuartzSchedulerResources();
    parts.setName(NAME);
    parts.setInstanceId(store.getInstanceId());
    parts.setMakeSchedulerThreadDaemon(true);
    parts.setThreadPool(threads);
    parts.setThreadExecutor(threads);
    parts.setJobRunShellFactory(shells);
    parts.setJobStore(store);
    parts.setMaxBatchSize(MAX_BATCH);
    QuartzScheduler quartz = new QuartzScheduler(parts, AHEAD.toMillis(), 0);
    store.initialize(new LeaseClasses(), quartz.getSchedulerSignaler());
    Scheduler assembled = new StdScheduler(quartz);
    shells.initialize(assembled);
    quartz.initialize();
    storeJobs();
    return assembled;
  }

  private boolean storeJobs() throws SchedulerException {
    store.storeJob(JOB, true);
    store.storeJob(CHORE, true);
    return true;
  }

  /** Sets up jobs and chores in tables that were made anew. Leases are the reconciler's. */
  public void setUpAgain() {
    attempt("setting up the leases again", this::storeJobs);
    chores.values().forEach(chore -> chore.setUp().run());
  }

  /**
   * Work that is done again and again.
   *
   * @param setUp makes its trigger
   */
  record Chore(Runnable setUp, Runnable work) {}

  @Override
  public void lease(Map<Digest, Instant> expiries) {
    if (expiries.isEmpty()) {
      return;
    }
    List<OperableTrigger> triggers =
        expiries.entrySet().stream()
            .map(e -> trigger(key(e.getKey()), JOB, e.getValue(), RETRY))
            .toList();
    attempt("leasing " + Digest.describe(expiries.keySet()), () -> store.storeAll(triggers));
    Instant first = expiries.values().stream().min(Instant::compareTo).orElseThrow();
    if (first.isBefore(Instant.now().plus(AHEAD))) {
      store.announce(first);
    }
  }

  @Override
  public void every(String name, Duration interval, Runnable chore) {
    setUp(name, new Chore(() -> storeChore(name, Instant.now(), interval), chore));
  }

  @Override
  public void at(String name, UnaryOperator<Instant> next, Runnable chore) {
    Runnable storeNext = () -> storeChore(name, next.apply(Instant.now()), RETRY);
    Runnable storeIfNew =
        () -> {
          TriggerKey key = new TriggerKey(name, ChoreJob.GROUP);
          if (attempt("finding the chore " + name, () -> store.retrieveTrigger(key)) == null) {
            storeNext.run();
          }
        };
    setUp(
        name,
        new Chore(
            storeIfNew,
            () -> {
              storeNext.run();
              chore.run();
            }));
  }

  private void setUp(String name, Chore chore) {
    chores.put(name, chore);
    chore.setUp().run();
  }

  private void storeChore(String name, Instant first, Duration interval) {
    TriggerKey key = new TriggerKey(name, ChoreJob.GROUP);
    attempt(
        "setting up the chore " + name,
        () -> store.storeAll(List.of(trigger(key, CHORE, first, interval))));
    store.announce(first);
  }

  private static OperableTrigger trigger(
      TriggerKey key, JobDetail job, Instant first, Duration interval) {
    OperableTrigger trigger =
        (OperableTrigger)
            TriggerBuilder.newTrigger()
                .withIdentity(key)
                .forJob(job)
                .startAt(Date.from(first))
                .withSchedule(
                    SimpleScheduleBuilder.simpleSchedule()
                        .withIntervalInMilliseconds(interval.toMillis())
                        .repeatForever()
                        .withMisfireHandlingInstructionIgnoreMisfires())
                .build();
    trigger.computeFirstFireTime(null);
    return trigger;
  }

  private static TriggerKey key(Digest digest) {
    return new TriggerKey(digest.toString(), GROUP);
  }

  @Override
  public void release(Collection<Digest> digests) {
    List<TriggerKey> keys = digests.stream().map(QuartzLeases::key).toList();
    attempt("releasing " + Digest.describe(digests), () -> store.removeTriggers(keys));
  }

  @Override
  public Optional<Instant> find(Digest digest) {
    return Optional.ofNullable(
            attempt("finding the lease of " + digest, () -> store.retrieveTrigger(key(digest))))
        .map(trigger -> trigger.getNextFireTime().toInstant());
  }

  @Override
  public List<Digest> unleased(Collection<Digest> digests) {
    List<TriggerKey> keys = digests.stream().map(QuartzLeases::key).toList();
    return attempt("finding the leases of " + Digest.describe(digests), () -> store.missing(keys))
        .stream()
        .map(key -> Digest.of(key.getName()))
        .toList();
  }

  @Override
  public List<Digest> digestsAfter(@Nullable Digest last, int max) {
    String name = last == null ? "" : last.toString();
    return attempt("listing the leases", () -> store.namesAfter(name, GROUP, max)).stream()
        .map(Digest::of)
        .toList();
  }

  @Override
  public long losses() {
    return EmbeddedDatabase.losses(dataSource);
  }

  @Override
  public long count() {
    return count.get();
  }

  private double countOrNan() {
    try {
      return count();
    } catch (LeaseException e) {
      return Double.NaN;
    }
  }

  @Override
  public void start(Consumer<Digest> onExpiry) {
    attempt(
        "starting the leases",
        () -> {
          scheduler.setJobFactory(
              (bundle, s) ->
                  bundle.getJobDetail().getKey().equals(CHORE.getKey())
                      ? new ChoreJob(chores)
                      : new ExpiryJob(digest -> fire(digest, onExpiry)));
          scheduler.start();
          return true;
        });
  }

  private void fire(Digest digest, Consumer<Digest> onExpiry) {
    try {
      if (pace.awaitTurn(closing)) {
        onExpiry.accept(digest);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closing.countDown();
    meters.remove(gauge);
    attempt(
        "closing the leases",
        () -> {
          scheduler.shutdown(true);
          return true;
        });
  }

  /** Something asked of Quartz. */
  @FunctionalInterface
  private interface Request<T> {
    T ask() throws SchedulerException;
  }

  private <T> T attempt(String doing, Request<T> request) {
    for (int left = ATTEMPTS; ; left--) {
      try {
        return request.ask();
      } catch (SchedulerException e) {
        boolean again = Dialect.wasEnded(e) || EmbeddedDatabase.takesWritesAgain(dataSource, e);
        if (left == 1 || !again) {
          throw new LeaseException(doing + " failed", inner(e));
        }
      }
    }
  }

  /** What Quartz wraps in failures of its own, which say less. */
  private static SchedulerException inner(SchedulerException failure) {
    SchedulerException inner = failure;
    while (inner.getCause() instanceof SchedulerException cause) {
      inner = cause;
    }
    return inner;
  }
}
