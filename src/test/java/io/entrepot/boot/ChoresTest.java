package io.entrepot.boot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.cache.Shelf;
import io.entrepot.catalog.Catalog;
import io.entrepot.catalog.CatalogException;
import io.entrepot.catalog.FaultyDataSource;
import io.entrepot.catalog.TestDatabase;
import io.entrepot.expiry.Evictor;
import io.entrepot.expiry.ExpiryPolicies;
import io.entrepot.expiry.ExpiryPolicy;
import io.entrepot.expiry.Leases;
import io.entrepot.expiry.Pace;
import io.entrepot.expiry.Reconciler;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.store.BlobStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is mended without a restart after the database was down (F19). */
class ChoresTest {
  private static final RepositoryName ALPINE = RepositoryName.of("library/alpine");
  private static final String IMAGE = "application/vnd.oci.image.manifest.v1+json";

  @TempDir Path folder;
  private TestDatabase database;
  private FaultyDataSource dataSource;
  private BlobStore store;
  private Catalog catalog;
  private Leases leases;
  private Shelf shelf;
  private Chores chores;

  @BeforeEach
  void open() throws Exception {
    Clock clock = Clock.systemUTC();
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    ExpiryPolicies policies =
        ExpiryPolicies.of(new ExpiryPolicy(Duration.ofDays(7), ExpiryPolicy.Basis.AFTER_USE));
    database = TestDatabase.open(folder);
    dataSource = new FaultyDataSource(database.dataSource());
    store = BlobStore.open(folder.resolve("data"), 0, true, Runnable::run);
    catalog = new Catalog(dataSource, clock);
    leases = new Leases(dataSource, new Pace(100, System::nanoTime), meters);
    Evictor evictor =
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
    shelf = new Shelf(store, catalog, evictor, Duration.ofDays(30), clock);
    chores = new Chores(shelf, new Reconciler(catalog, leases, policies), store.spool());
    chores.mend();
  }

  @AfterEach
  void close() throws IOException {
    dataSource.comeBack();
    leases.close();
    store.close();
    database.close();
  }

  @Test
  void bytesThatTheIndexMissedAreTakenInOnceItIsBack() {
    Digest stray = shelveWhileTheDatabaseIsDown("one");
    assertThat(catalog.findBlob(stray)).isEmpty();

    chores.mend();

    assertThat(catalog.findBlob(stray)).isPresent();
    assertThat(leases.find(stray)).isPresent();
  }

  @Test
  void mendingThatFailsIsTriedAgain() {
    Digest stray = shelveWhileTheDatabaseIsDown("one");
    dataSource.goDown();
    chores.mend();
    dataSource.comeBack();

    chores.mend();

    assertThat(leases.find(stray)).isPresent();
  }

  @Test
  void whatIsInLineIsNotLookedThroughAgain() {
    shelveWhileTheDatabaseIsDown("one");
    chores.mend();
    int asked = dataSource.asked();

    chores.mend();

    assertThat(dataSource.asked()).isEqualTo(asked);
  }

  private Digest shelveWhileTheDatabaseIsDown(String content) {
    byte[] bytes = "{\"schemaVersion\":2,\"note\":\"%s\"}".formatted(content).getBytes(UTF_8);
    Digest digest = Digest.ofBytes(Digest.Algorithm.SHA256, bytes);
    dataSource.goDown();
    assertThatThrownBy(() -> shelf.shelveManifest(ALPINE, Manifest.read(digest, IMAGE, bytes)))
        .isInstanceOf(CatalogException.class);
    dataSource.comeBack();
    return digest;
  }
}
