package io.entrepot.expiry;

import io.entrepot.database.EmbeddedDatabase;
import io.entrepot.expiry.quartz.TestLeases;
import io.entrepot.oci.Digest;
import io.entrepot.threads.Pace;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Measures leases: how fast they are added one by one, handed on and found again by a restart. Run
 * by {@code bench/run leases}; prints one line of JSON.
 */
final class LeaseBench implements AutoCloseable {
  /** As many as add at the same time when as many fills end. */
  private static final int THREADS = 4;

  private static final int FIRED = 20_000;
  private static final Duration WEEK = Duration.ofDays(7);

  private final EmbeddedDatabase database;
  private final Leases leases;

  private LeaseBench(Path folder) {
    database = EmbeddedDatabase.open(folder);
    Pace pace = new Pace(1_000_000, System::nanoTime);
    leases = TestLeases.open(database.dataSource(), pace, new SimpleMeterRegistry());
  }

  public static void main(String[] arguments) throws Exception {
    Path folder = Files.createDirectories(Path.of(arguments[0]));
    int count = Integer.parseInt(arguments[1]);
    double addSeconds;
    try (LeaseBench bench = new LeaseBench(folder)) {
      addSeconds = bench.add(count);
    }
    long bytes = Files.size(folder.resolve("entrepot.mv.db"));
    long begun = System.nanoTime();
    try (LeaseBench bench = new LeaseBench(folder)) {
      CountDownLatch fired = new CountDownLatch(Math.min(FIRED, count));
      CountDownLatch first = new CountDownLatch(1);
      bench.leases.start(
          digest -> {
            first.countDown();
            bench.leases.release(digest);
            fired.countDown();
          });
      first.await();
      double restartSeconds = seconds(begun);
      long firing = System.nanoTime();
      fired.await();
      System.out.printf(
          Locale.ROOT,
          "{\"adds/s\": %.0f, \"fires/s\": %.0f, \"restart s\": %.2f, \"bytes a lease\": %.0f}%n",
          count / addSeconds,
          Math.min(FIRED, count) / seconds(firing),
          restartSeconds,
          (double) bytes / count);
    }
  }

  /** The first of them have run out already. */
  private double add(int count) throws Exception {
    Instant later = Instant.now().plus(WEEK);
    Instant past = Instant.now().minus(WEEK);
    long begun = System.nanoTime();
    ExecutorService executor = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<?>> parts = new ArrayList<>();
      for (int thread = 0; thread < THREADS; thread++) {
        int from = thread;
        parts.add(
            executor.submit(
                () -> {
                  for (int i = from; i < count; i += THREADS) {
                    leases.lease(digest(i), i < FIRED ? past : later);
                  }
                }));
      }
      for (Future<?> part : parts) {
        part.get();
      }
    } finally {
      executor.shutdownNow();
    }
    return seconds(begun);
  }

  private static Digest digest(int number) {
    return Digest.ofBytes(
        Digest.Algorithm.SHA256, ByteBuffer.allocate(Integer.BYTES).putInt(number).array());
  }

  private static double seconds(long begunNanos) {
    return (System.nanoTime() - begunNanos) / 1e9;
  }

  @Override
  public void close() {
    leases.close();
    database.close();
  }
}
