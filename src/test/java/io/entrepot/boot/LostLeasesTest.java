package io.entrepot.boot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.entrepot.cache.Shelf;
import io.entrepot.catalog.Catalog;
import io.entrepot.catalog.CatalogException;
import io.entrepot.catalog.EmbeddedDatabase;
import io.entrepot.catalog.LinkKind;
import io.entrepot.catalog.RefusingDisk;
import io.entrepot.expiry.Evictor;
import io.entrepot.expiry.ExpiryPolicies;
import io.entrepot.expiry.ExpiryPolicy;
import io.entrepot.expiry.Leases;
import io.entrepot.expiry.Pace;
import io.entrepot.expiry.Reconciler;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.store.BlobStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Leases that a refused write of the embedded database takes away while the process goes on (F4).
 */
@Timeout(60)
class LostLeasesTest {
  private static final RepositoryName ALPINE = RepositoryName.of("library/alpine");
  private static final Digest LAYER = digest("layer");
  private static final Digest OTHER = digest("other");
  private static final Duration TTL = Duration.ofDays(7);

  @TempDir Path folder;
  private final Clock clock = Clock.systemUTC();
  private final ExpiryPolicies policies =
      ExpiryPolicies.of(new ExpiryPolicy(TTL, ExpiryPolicy.Basis.AFTER_USE));
  private RefusingDisk disk;
  private EmbeddedDatabase database;
  private BlobStore store;
  private Catalog catalog;
  private Leases leases;
  private Evictor evictor;
  private Chores chores;

  @BeforeEach
  void open() throws IOException {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    disk = RefusingDisk.install();
    database = EmbeddedDatabase.open(Files.createDirectory(folder.resolve("index")));
    store = BlobStore.open(folder.resolve("data"), 0, true, Runnable::run);
    catalog = new Catalog(database.dataSource(), clock);
    leases = new Leases(database.dataSource(), new Pace(100, System::nanoTime), meters);
    evictor =
        new Evictor(
            catalog,
            leases,
            store::removeUnless,
            digest -> false,
            policies,
            List.of(),
            Duration.ZERO,
            clock,
            meters);
    Shelf shelf = new Shelf(store, catalog, evictor, Duration.ofDays(30), clock);
    chores = new Chores(shelf, new Reconciler(catalog, leases, policies), store.spool());
    chores.mend();
  }

  @AfterEach
  void close() throws IOException {
    disk.accept();
    leases.close();
    store.close();
    database.close();
    disk.close();
  }

  @Test
  void leaseThatWasLostIsMadeAnewWithoutARestart() {
    catalog.link(ALPINE, LAYER, LinkKind.BLOB, 1, null, clock.instant());
    losing(() -> leases.lease(LAYER, clock.instant().plus(TTL)));
    assertThat(leases.find(LAYER)).isEmpty();

    chores.mend();

    assertThat(leases.find(LAYER)).isPresent();
  }

  @Test
  void leaseThatCameBackEndsWithoutARestart() {
    leases.lease(LAYER, clock.instant().plus(TTL));
    catalog.link(ALPINE, LAYER, LinkKind.BLOB, 1, null, clock.instant());
    catalog.unlink(catalog.links(LAYER).get(0));
    catalog.forget(LAYER);
    losing(() -> leases.release(LAYER));
    assertThat(leases.find(LAYER)).isPresent();

    chores.mend();

    assertThat(leases.find(LAYER))
        .hasValueSatisfying(expiry -> assertThat(expiry).isBeforeOrEqualTo(Instant.now()));
    leases.start(evictor::expire);
    await().until(() -> leases.find(LAYER).isEmpty());
  }

  private static Digest digest(String content) {
    return Digest.ofBytes(Digest.Algorithm.SHA256, content.getBytes(UTF_8));
  }

  /**
   * Has something committed that never gets to the disk, since the next write ends the database.
   */
  private void losing(Runnable change) {
    disk.refuse();
    change.run();
    assertThatThrownBy(() -> catalog.link(ALPINE, OTHER, LinkKind.BLOB, 1, null, clock.instant()))
        .isInstanceOf(CatalogException.class);
    disk.accept();
  }
}
