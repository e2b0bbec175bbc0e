package io.entrepot.expiry;

import static io.entrepot.catalog.LinkKind.BLOB;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.catalog.Catalog;
import io.entrepot.catalog.Pin;
import io.entrepot.catalog.TagEntry;
import io.entrepot.database.TestDatabase;
import io.entrepot.fixture.TestClock;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import io.entrepot.routing.ExpiryPolicy;
import io.entrepot.routing.TestSources;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * The set-up of a test that makes room: a catalog that is emptied for each test, a disk that is a
 * set of digests, and leases in memory. Each layer has {@link #SIZE} bytes.
 */
abstract class RemoverFixture {
  static final RepositoryName APP = RepositoryName.of("team/app");
  static final long SIZE = 1_000;
  static final Duration GRACE = Duration.ofMinutes(1);
  static final Pin PIN = Pin.parse("team/app:pinned-*");

  @TempDir static Path folder;

  /** One for all tests of a class, since to open one takes longer than a test. */
  private static TestDatabase database;

  final TestClock clock = new TestClock();
  final FakeDisk disk = new FakeDisk();
  final Set<Digest> filling = new HashSet<>();
  final Set<Digest> read = new HashSet<>();
  final FewLeases leases = new FewLeases();
  final List<Duration> waits = new ArrayList<>();
  Runnable meanwhile = () -> {};
  Catalog catalog;
  ImageRemover remover;

  @BeforeAll
  static void openDatabase() throws Exception {
    database = TestDatabase.open(folder);
  }

  @AfterAll
  static void closeDatabase() {
    database.close();
  }

  @BeforeEach
  void begin() throws Exception {
    catalog = new Catalog(database.dataSource(), MemoryBudget.ofHeap(), clock);
    for (String table : List.of("blob", "link", "child", "subject", "unread", "tag", "sighting")) {
      database.execute("DELETE FROM " + table);
    }
    remover = newRemover();
  }

  /** Does something that the program never would. */
  static void execute(String sql) throws SQLException {
    database.execute(sql);
  }

  ImageRemover newRemover() {
    ExpiryPolicy policy = new ExpiryPolicy(Duration.ofDays(7), ExpiryPolicy.Basis.AFTER_USE);
    Retention retention = new Retention(TestSources.keptBy(policy), List.of(PIN), GRACE);
    Evictor evictor =
        new Evictor(
            catalog, leases, disk, filling::contains, retention, clock, new SimpleMeterRegistry());
    return new ImageRemover(
        catalog,
        evictor,
        retention,
        new ImageRemover.InUse(() -> Set.copyOf(filling), read::contains),
        duration -> {
          waits.add(duration);
          meanwhile.run();
        });
  }

  /** Stores an image and its layers, a second after whatever was before. */
  Manifest put(String name, Digest... layers) {
    return putImage(name, null, layers);
  }

  /** Stores what refers to an image, such as a signature. */
  Manifest putReferrer(String name, Digest subject, Digest... layers) {
    return putImage(name, subject, layers);
  }

  private Manifest putImage(String name, @Nullable Digest subject, Digest... layers) {
    clock.advance(Duration.ofSeconds(1));
    for (Digest layer : layers) {
      if (disk.blobs.add(layer)) {
        catalog.link(APP, layer, BLOB, SIZE, null, clock.instant());
      }
    }
    return putManifest(name, subject, layers);
  }

  /** Stores an index, whose manifests are here. */
  Manifest putIndex(String name, Digest... manifests) {
    clock.advance(Duration.ofSeconds(1));
    return putManifest(name, null, manifests);
  }

  private Manifest putManifest(String name, @Nullable Digest subject, Digest... listed) {
    Manifest manifest =
        new Manifest(
            digest(name),
            "application/vnd.oci.image.manifest.v1+json",
            name.getBytes(UTF_8),
            Stream.of(listed).map(digest -> new Descriptor("", digest, 1)).toList(),
            subject == null ? null : new Descriptor("", subject, 1),
            null,
            null);
    catalog.linkManifest(APP, manifest, clock.instant());
    disk.blobs.add(manifest.digest());
    return manifest;
  }

  void tag(String tag, Manifest manifest) {
    catalog.tags().put(new TagEntry(APP, new Tag(tag), manifest.digest(), clock.instant()));
  }

  static Digest digest(String content) {
    return Digest.ofBytes(Digest.Algorithm.SHA256, content.getBytes(UTF_8));
  }

  /** Leases that never run out. */
  static final class FewLeases implements Leases {
    final Map<Digest, Instant> expiries = new HashMap<>();

    @Override
    public void lease(Map<Digest, Instant> more) {
      expiries.putAll(more);
    }

    @Override
    public void release(Collection<Digest> digests) {
      digests.forEach(expiries::remove);
    }

    @Override
    public Optional<Instant> find(Digest digest) {
      return Optional.ofNullable(expiries.get(digest));
    }

    @Override
    public List<Digest> unleased(Collection<Digest> digests) {
      return digests.stream().filter(digest -> !expiries.containsKey(digest)).toList();
    }

    @Override
    public List<Digest> digestsAfter(@Nullable Digest last, int max) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long count() {
      return expiries.size();
    }

    @Override
    public long losses() {
      return 0;
    }

    @Override
    public void start(Consumer<Digest> onExpiry) {}

    @Override
    public void every(String name, Duration interval, Runnable chore) {}

    @Override
    public void at(String name, UnaryOperator<Instant> next, Runnable chore) {}

    @Override
    public void close() {}
  }
}
