package io.entrepot.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.access.Audit;
import io.entrepot.cache.blobs.InFlightBlobs;
import io.entrepot.cache.tags.ReferrersCache;
import io.entrepot.catalog.Catalog;
import io.entrepot.catalog.Link;
import io.entrepot.catalog.LinkKind;
import io.entrepot.catalog.TagEntry;
import io.entrepot.database.TestDatabase;
import io.entrepot.expiry.Evictor;
import io.entrepot.expiry.Leases;
import io.entrepot.expiry.Pins;
import io.entrepot.expiry.Retention;
import io.entrepot.expiry.quartz.QuartzLeases;
import io.entrepot.fixture.TestClock;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.memory.Share;
import io.entrepot.oci.Digest;
import io.entrepot.oci.OciException;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import io.entrepot.routing.Names;
import io.entrepot.routing.Sources;
import io.entrepot.routing.TestSources;
import io.entrepot.threads.Pace;
import io.entrepot.upstream.Offline;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a person can do finds content by the names that explanations understand. */
class OperationsTest {
  private static final RepositoryName ALPINE = RepositoryName.of("docker.io/library/alpine");
  private static final RepositoryName OWNED = RepositoryName.of("ghcr.io/owner/app");
  private static final Digest MANIFEST =
      Digest.ofBytes(Digest.Algorithm.SHA256, "manifest".getBytes(StandardCharsets.UTF_8));

  @TempDir Path folder;
  private final TestClock clock = new TestClock();
  private final AtomicInteger drains = new AtomicInteger();
  private TestDatabase database;
  private Catalog catalog;
  private Leases leases;
  private Operations operations;

  @BeforeEach
  void open() throws Exception {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    database = TestDatabase.open(folder);
    catalog = new Catalog(database.dataSource(), MemoryBudget.ofHeap(), clock);
    leases =
        new QuartzLeases(
            database.dataSource(), new Pace(100, System::nanoTime), meters, Thread::new);
    Names hub = new Names("docker.io", Set.of("docker.io"), Set.of(), true);
    Sources sources =
        new Sources(
            TestSources.upstream(hub, TestSources.RULES, new Offline(), Runnable::run),
            List.of(
                TestSources.upstream(
                    TestSources.names("ghcr.io"),
                    TestSources.RULES,
                    new Offline(),
                    Runnable::run)));
    Evictor evictor =
        new Evictor(
            catalog,
            leases,
            (digest, needed) -> true,
            digest -> false,
            new Retention(sources, List.of(), Duration.ZERO),
            clock,
            meters);
    MemoryBudget memory = MemoryBudget.ofHeap();
    Purges purges =
        new Purges(
            sources,
            catalog,
            evictor,
            new Retention(sources, List.of(), Duration.ZERO),
            new ReferrersCache(null, memory, clock),
            new Purges.Busy(new InFlightBlobs(memory.allowance(Share.FILLS)), digest -> false));
    operations =
        new Operations(
            sources,
            catalog,
            evictor,
            purges,
            new PinList(new Pins(List.of(), catalog, pin -> List.of(), clock)),
            new Operations.Work(() -> {}, drains::incrementAndGet, null, (name, out) -> {}),
            new Audit(clock));
    for (RepositoryName repository : List.of(ALPINE, OWNED)) {
      catalog.link(repository, MANIFEST, LinkKind.MANIFEST, 8, "a/b", clock.instant());
      catalog.tags().put(new TagEntry(repository, new Tag("3.20"), MANIFEST, clock.instant()));
    }
  }

  @AfterEach
  void close() {
    leases.close();
    database.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"alpine:3.20", "library/alpine:3.20", "docker.io/alpine:3.20", "alpine@DIGEST"})
  void contentIsFoundByEachNameThatAClientMayUse(String what) {
    assertThat(
            operations.evict(what.replace("DIGEST", MANIFEST.toString()), Operations.Person.BY_JMX))
        .isOne();
    assertThat(catalog.links(MANIFEST)).extracting(Link::repository).containsExactly(OWNED);
  }

  @Test
  void repositoryOfAnotherUpstreamIsNamedByIt() {
    assertThat(operations.evict("ghcr.io/owner/app:3.20", Operations.Person.BY_JMX)).isOne();
    assertThat(catalog.links(MANIFEST)).extracting(Link::repository).containsExactly(ALPINE);
  }

  @Test
  void digestAloneMeansAllRepositories() {
    assertThat(operations.evict(MANIFEST.toString(), Operations.Person.BY_JMX)).isEqualTo(2);
    assertThat(catalog.links(MANIFEST)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"alpine", "docker.io/library/alpine", "quay.io/x:1", "sha256:00"})
  void whatNamesNoContentIsRefusedAndTakesNothingAway(String what) {
    assertThatThrownBy(() -> operations.evict(what, Operations.Person.BY_JMX))
        .isInstanceOf(OciException.class);
    assertThat(catalog.links(MANIFEST)).hasSize(2);
  }

  @Test
  void drainBeginsAtOnce() {
    operations.drain(Operations.Person.BY_JMX);
    assertThat(drains).hasValue(1);
  }
}
