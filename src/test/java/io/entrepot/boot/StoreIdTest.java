package io.entrepot.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.catalog.Catalog;
import io.entrepot.database.FaultyDataSource;
import io.entrepot.database.TestDatabase;
import io.entrepot.fixture.TestClock;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.spool.DataFolder;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database belongs to one storage folder (F38). */
class StoreIdTest {
  @TempDir Path folder;
  private TestDatabase database;
  private Catalog catalog;

  @BeforeEach
  void open() throws Exception {
    database = TestDatabase.open(Files.createDirectory(folder.resolve("database")));
    catalog = new Catalog(database.dataSource(), MemoryBudget.ofHeap(), new TestClock());
  }

  @AfterEach
  void close() {
    database.close();
  }

  private void check(Path root, Catalog of, boolean embedded) throws IOException {
    try (DataFolder data = DataFolder.open(root)) {
      StoreId.check(data, of, embedded);
    }
  }

  private String id(String root) throws IOException {
    return Files.readString(folder.resolve(root).resolve("store-id")).strip();
  }

  @Test
  void folderAndDatabaseGetOneIdAndStayTogether() throws Exception {
    check(folder.resolve("a"), catalog, false);
    check(folder.resolve("a"), catalog, false);

    assertThat(id("a")).hasSize(36).isEqualTo(catalog.texts().find("store-id").orElseThrow());
  }

  @Test
  void anotherFolderIsRefusedAndNothingIsChanged() throws Exception {
    check(folder.resolve("a"), catalog, false);

    assertThatThrownBy(() -> check(folder.resolve("b"), catalog, false))
        .isInstanceOf(StartException.class)
        .hasMessageStartingWith("datasource: the database belongs to another storage folder")
        .hasMessageContaining(id("a"))
        .hasMessageEndingWith("into " + folder.resolve("b/store-id"));
    assertThat(folder.resolve("b/store-id")).doesNotExist();
    check(folder.resolve("a"), catalog, false);
  }

  @Test
  void folderThatIsInPlaceOfTheOldOneTakesItsId() throws Exception {
    check(folder.resolve("a"), catalog, false);
    Files.createDirectory(folder.resolve("b"));
    Files.writeString(folder.resolve("b/store-id"), id("a"));

    check(folder.resolve("b"), catalog, false);
  }

  @Test
  void folderMayMove() throws Exception {
    check(folder.resolve("a"), catalog, false);
    Files.move(folder.resolve("a"), folder.resolve("moved"));

    check(folder.resolve("moved"), catalog, false);
  }

  @Test
  void newDatabaseTakesTheIdOfTheFolder() throws Exception {
    check(folder.resolve("a"), catalog, false);
    String before = id("a");
    try (TestDatabase other = TestDatabase.open(Files.createDirectory(folder.resolve("other")))) {
      Catalog fresh = new Catalog(other.dataSource(), MemoryBudget.ofHeap(), new TestClock());
      check(folder.resolve("a"), fresh, false);
      assertThat(fresh.texts().find("store-id")).hasValue(before);
    }
  }

  @Test
  void fileThatIsLostIsWrittenAgainBesideTheEmbeddedDatabase() throws Exception {
    check(folder.resolve("a"), catalog, true);
    String before = id("a");
    Files.writeString(folder.resolve("a/store-id"), "");

    check(folder.resolve("a"), catalog, true);
    assertThat(id("a")).isEqualTo(before);
  }

  @Test
  void databaseOfAClusterIsForFoldersOfItsNodesOnly() throws Exception {
    for (String root : List.of("a", "b")) {
      try (DataFolder data = DataFolder.open(folder.resolve(root))) {
        StoreId.share(data, catalog);
      }
    }
    assertThat(id("a")).hasSize(36).isNotEqualTo(id("b"));
    assertThatThrownBy(() -> check(folder.resolve("c"), catalog, false))
        .hasMessage(
            "cluster.address: the database belongs to a cluster; set it, or use another database");
  }

  @Test
  void clusterBeginsWithTheFolderOfTheDatabaseAndWithNoOther() throws Exception {
    check(folder.resolve("a"), catalog, false);

    try (DataFolder other = DataFolder.open(folder.resolve("b"))) {
      assertThatThrownBy(() -> StoreId.share(other, catalog))
          .hasMessageStartingWith("cluster.address: the database belongs to the storage folder")
          .hasMessageContaining(id("a"));
    }
    try (DataFolder first = DataFolder.open(folder.resolve("a"))) {
      StoreId.share(first, catalog);
    }
    try (DataFolder other = DataFolder.open(folder.resolve("b"))) {
      StoreId.share(other, catalog);
    }
  }

  @Test
  void clusterWithoutPostgresqlStops() throws Exception {
    Path secret = Files.createTempFile(folder, "secret", ""); // that only this user can read
    Files.writeString(secret, "s".repeat(32));
    TestServer.Builder node =
        new TestServer.Builder(folder.resolve("e"), URI.create("http://127.0.0.1:1"))
            .set("cluster.address", "http://e:5001")
            .set("cluster.insecure", "true")
            .set("cluster.secretfile", secret.toString());

    assertThatThrownBy(node::wire)
        .hasMessage(
            "cluster.address: nodes share a PostgreSQL; set database.url, or bind one as datasource");
  }

  @Test
  void secondDeploymentOnTheDatabaseStops() {
    URI upstream = URI.create("http://127.0.0.1:1");
    DataSource ofTheServer = new FaultyDataSource(database.dataSource());
    TestServer.Builder first =
        new TestServer.Builder(folder.resolve("a"), upstream).database(ofTheServer);
    TestServer.Builder second =
        new TestServer.Builder(folder.resolve("b"), upstream).database(ofTheServer);
    try (Entrepot running = first.wire()) {
      assertThatThrownBy(second::wire)
          .hasMessageStartingWith("datasource: the database belongs to another storage folder");
    }
    first.wire().close();
  }
}
