package io.entrepot.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.database.FaultyDataSource;
import io.entrepot.database.TestDatabase;
import io.entrepot.fixture.TestClock;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The set-up of a test that has a catalog on a database of its own, which can be made to fail. */
abstract class CatalogFixture {
  static final RepositoryName ALPINE = RepositoryName.of("library/alpine");
  static final RepositoryName OTHER = RepositoryName.of("library/other_1");
  static final Tag LATEST = new Tag("latest");
  static final Digest LAYER = digest("layer");
  static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";

  @TempDir Path folder;
  final TestClock clock = new TestClock();
  TestDatabase database;
  FaultyDataSource dataSource;
  Catalog catalog;

  @BeforeEach
  void open() throws Exception {
    database = TestDatabase.open(folder);
    dataSource = new FaultyDataSource(database.dataSource());
    catalog = new Catalog(dataSource, MemoryBudget.ofHeap(), clock);
  }

  @AfterEach
  void close() {
    database.close();
  }

  /** Opens the catalog anew on the same tables, with nothing in memory. */
  void forgetMemory() {
    catalog = new Catalog(dataSource, MemoryBudget.ofHeap(), clock);
  }

  static Digest digest(String content) {
    return Digest.ofBytes(Digest.Algorithm.SHA256, content.getBytes(UTF_8));
  }
}
