package io.entrepot.cache.blobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.access.Client;
import io.entrepot.cache.BlobDelivery;
import io.entrepot.cache.CacheMeters;
import io.entrepot.cache.CacheOutcome;
import io.entrepot.cache.HookedClock;
import io.entrepot.cache.Lookups;
import io.entrepot.cache.Questions;
import io.entrepot.cache.TaskQueue;
import io.entrepot.cache.TestContent;
import io.entrepot.cache.TestTimer;
import io.entrepot.cache.TestUpstream;
import io.entrepot.cache.Told;
import io.entrepot.fixture.TestClock;
import io.entrepot.memory.Allowance;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.oci.ByteRange;
import io.entrepot.oci.Digest;
import io.entrepot.oci.OciException;
import io.entrepot.oci.RangeSpec;
import io.entrepot.oci.RegistryRequest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.routing.BlobRules;
import io.entrepot.routing.Freshness;
import io.entrepot.routing.PullRequest;
import io.entrepot.routing.Rules;
import io.entrepot.routing.TestSources;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A fixture with a blob cache in front of a fake registry. The test runs each lookup, question and
 * fill itself. The test's thread takes the part of a server's thread.
 */
@Timeout(60)
abstract class BlobCacheFixture {
  static final RepositoryName APP = RepositoryName.of("docker.io/team/app");
  static final RepositoryName OTHER = RepositoryName.of("docker.io/team/other");
  static final Duration NEGATIVE = Duration.ofSeconds(30);
  static final Duration VERIFY_AFTER = Duration.ofDays(7);
  static final int SIZE = 300_000;

  @TempDir Path folder;
  final TestClock clock = new TestClock();

  /** The clock that is read just before a fill enters the in-flight map. */
  final HookedClock entries = new HookedClock(clock);

  final TestUpstream upstream = new TestUpstream();
  final TaskQueue lookups = new TaskQueue("lookup");
  final TestTimer timer = new TestTimer();
  final Questions questions = new Questions(timer, lookups, MemoryBudget.ofHeap(), clock);
  final InFlightBlobs inFlight = new InFlightBlobs(new Allowance(1 << 20));
  final ChosenNumbers random = new ChosenNumbers();
  final AtomicLong nanos = new AtomicLong();

  /** Tells fills how fast their bytes come. */
  LongSupplier fillTime = () -> 0;

  /** The wait before a fill asks again. */
  Pause pauses = (n, asked) -> {};

  final SimpleMeterRegistry numbers = new SimpleMeterRegistry();
  final byte[] bytes = random(SIZE);
  TestContent here;
  BlobCache cache;
  Rules rules = rules(0, 0);

  /** The digest of a blob that every repository of the upstream has. */
  Digest digest;

  /** Random numbers, unless the test chooses one. */
  static final class ChosenNumbers extends SecureRandom {
    private static final long serialVersionUID = 1L;
    private long chosen = -1;

    void choose(long number) {
      chosen = number;
    }

    @Override
    public long nextLong(long bound) {
      assertThat(chosen).isLessThan(bound);
      return chosen < 0 ? super.nextLong(bound) : chosen;
    }
  }

  @BeforeEach
  void open() throws Exception {
    here = TestContent.open(folder, VERIFY_AFTER, 0, clock);
    CacheMeters meters = new CacheMeters(numbers);
    Fills fills =
        new Fills(
            here.files.spool(),
            inFlight,
            new BlobProviders(here.content, Optional.empty()),
            (n, asked) -> pauses.beforeTry(n, asked),
            meters,
            clock,
            () -> fillTime.getAsLong());
    Lookups threads = new Lookups(lookups);
    LinkProof proof = new LinkProof(here.content, questions, random, meters, nanos::get);
    cache = new BlobCache(here.content, inFlight, fills, questions, proof, threads, entries);
    digest = upstream.registry.putBlob(bytes);
  }

  @AfterEach
  void close() throws IOException {
    lookups.close();
    upstream.close();
    timer.shutdownNow();
    here.close();
  }

  static Rules rules(long maxSize, int finishFrom) {
    return rules(maxSize, finishFrom, BlobRules.Parts.ONE_AFTER_ANOTHER);
  }

  static Rules rules(long maxSize, int finishFrom, BlobRules.Parts parts) {
    Rules all = TestSources.RULES;
    Freshness freshness =
        new Freshness(
            Duration.ZERO, List.of(), Duration.ZERO, Duration.ZERO, NEGATIVE, false, Duration.ZERO);
    BlobRules blobs = new BlobRules(maxSize, finishFrom, BlobRules.Eager.NONE, parts);
    return new Rules(all.admission(), freshness, blobs, all.expiry(), 0, all.deadline());
  }

  static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  PullRequest pull(RepositoryName repository, Digest wanted) {
    return pull(upstream, repository, wanted);
  }

  PullRequest pull(TestUpstream from, RepositoryName repository, Digest wanted) {
    return new PullRequest(
        new RegistryRequest.GetBlob(repository, wanted),
        from.source(repository, rules),
        Client.anonymous("192.0.2.1"));
  }

  /** Requests the blob that every repository has. */
  CompletableFuture<BlobDelivery> fetch(RepositoryName repository) {
    return fetch(repository, digest, null);
  }

  CompletableFuture<BlobDelivery> fetch(
      RepositoryName repository, Digest wanted, @Nullable RangeSpec range) {
    return cache.fetch(pull(repository, wanted), wanted, range);
  }

  /** Runs all waiting tasks until none is left. */
  void settle() {
    while (lookups.size() + upstream.questions.size() + upstream.fills.size() > 0) {
      lookups.runAll();
      upstream.questions.runAll();
      upstream.fills.runAll();
    }
  }

  /** Pulls the blob once, so that it is stored and linked. Then clears the recorded requests. */
  void pullOnce(RepositoryName repository) throws IOException {
    CompletableFuture<BlobDelivery> answer = fetch(repository);
    settle();
    assertGiven(answer, CacheOutcome.MISS);
    forgetCosts();
  }

  void forgetCosts() {
    upstream.registry.clearRequests();
    here.log.clear();
  }

  /** Reads a whole answer, and compares it with the blob that every repository has. */
  void assertGiven(CompletableFuture<BlobDelivery> answer, CacheOutcome outcome)
      throws IOException {
    BlobDelivery delivery = Told.answer(answer);
    assertThat(delivery.outcome()).isEqualTo(outcome);
    assertThat(delivery.blobSize()).isEqualTo(SIZE);
    assertThat(read(delivery)).isEqualTo(bytes);
  }

  /** Reads a delivery whose bytes have all arrived, and closes it. */
  static byte[] read(BlobDelivery delivery) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (delivery) {
      ByteBuffer chunk = ByteBuffer.allocate(64 << 10);
      int n;
      while ((n = delivery.reader().read(chunk.clear())) > 0) {
        out.write(chunk.array(), 0, n);
      }
      assertThat(n).as("nothing is missing").isEqualTo(-1);
    }
    return out.toByteArray();
  }

  /** Checks that two answers about two digests differ in the digest only (S31). */
  static void assertSame(OciException one, Digest first, OciException two, Digest second) {
    assertThat(one.error()).isEqualTo(two.error());
    assertThat(one.retryAfter()).isEqualTo(two.retryAfter());
    assertThat(String.valueOf(one.getMessage()).replace(first.toString(), "D"))
        .isEqualTo(String.valueOf(two.getMessage()).replace(second.toString(), "D"));
  }

  static RangeSpec range(long first, long last) {
    return new RangeSpec(first, last);
  }

  static ByteRange bytes(long first, long last) {
    return new ByteRange(first, last);
  }
}
