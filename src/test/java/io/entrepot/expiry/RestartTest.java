package io.entrepot.expiry;

import static io.entrepot.catalog.LinkKind.BLOB;
import static io.entrepot.routing.ExpiryPolicy.Basis.AFTER_USE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.catalog.Catalog;
import io.entrepot.database.TestDatabase;
import io.entrepot.expiry.quartz.TestLeases;
import io.entrepot.fixture.TestClock;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.routing.ExpiryPolicy;
import io.entrepot.routing.TestSources;
import io.entrepot.store.BlobStore;
import io.entrepot.store.file.TestStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Triggers survive: what was leased before a restart expires after it, on the disk too. */
@Timeout(60)
class RestartTest {
  private static final RepositoryName ALPINE = RepositoryName.of("library/alpine");
  private static final byte[] OLD = "old".getBytes(UTF_8);
  private static final byte[] NEW = "new".getBytes(UTF_8);
  private static final ExpiryPolicy WEEK = new ExpiryPolicy(Duration.ofDays(7), AFTER_USE);

  @TempDir Path folder;

  @Test
  void blobWhoseTtlPassedWhileNothingRanGoesFromDiskAndCatalog() throws Exception {
    TestClock eightDaysAgo = new TestClock();
    eightDaysAgo.advance(
        Duration.between(eightDaysAgo.instant(), Instant.now().minus(Duration.ofDays(8))));
    try (Instance before = new Instance(eightDaysAgo)) {
      before.take(OLD);
      eightDaysAgo.advance(Duration.ofDays(4));
      before.take(NEW);
      assertThat(filesOnDisk()).isEqualTo(2);
    }

    try (Instance after = new Instance(Clock.systemUTC())) {
      after.leases.start(after.evictor::expire);

      await().untilAsserted(() -> assertThat(filesOnDisk()).isEqualTo(1));
      await().untilAsserted(() -> assertThat(after.catalog.blobs().find(digest(OLD))).isEmpty());
      assertThat(after.store.find(digest(OLD))).isEmpty();
      assertThat(after.store.find(digest(NEW))).isPresent();
      assertThat(after.catalog.findLink(ALPINE, digest(NEW), BLOB)).isPresent();
      await().untilAsserted(() -> assertThat(after.leases.count()).isEqualTo(1));
    }
  }

  private long filesOnDisk() {
    try (Stream<Path> files = Files.walk(folder.resolve("store/blobs"))) {
      return files.filter(Files::isRegularFile).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Digest digest(byte[] content) {
    return Digest.ofBytes(Digest.Algorithm.SHA256, content);
  }

  /** What one start of the program puts together. */
  private final class Instance implements AutoCloseable {
    private final Clock clock;
    private final TestStore files;
    private final BlobStore store;
    private final TestDatabase database;
    private final Catalog catalog;
    private final Leases leases;
    private final Evictor evictor;

    Instance(Clock clock) throws Exception {
      this.clock = clock;
      SimpleMeterRegistry meters = new SimpleMeterRegistry();
      files = TestStore.open(folder.resolve("store"));
      store = files.store();
      database = TestDatabase.open(folder);
      catalog = new Catalog(database.dataSource(), MemoryBudget.ofHeap(), clock);
      leases = TestLeases.open(database.dataSource(), 100, meters);
      evictor =
          new Evictor(
              catalog,
              leases,
              store::removeUnless,
              digest -> false,
              new Retention(TestSources.keptBy(WEEK), List.of(), Duration.ofMillis(100)),
              clock,
              meters);
    }

    void take(byte[] content) throws IOException {
      Digest digest = digest(content);
      Object unused = store.put(digest, content);
      catalog.link(ALPINE, digest, BLOB, content.length, null, clock.instant());
      evictor.linked(digest, List.of(ALPINE), clock.instant());
    }

    @Override
    public void close() throws IOException {
      leases.close();
      catalog.close();
      database.close();
      files.close();
    }
  }
}
