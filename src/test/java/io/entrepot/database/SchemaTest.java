package io.entrepot.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.catalog.Catalog;
import io.entrepot.fixture.TestClock;
import io.entrepot.memory.MemoryBudget;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SchemaTest {
  private static final String FIRST = "/io/entrepot/catalog/migration-1.sql";
  private static final String SECOND = "/io/entrepot/catalog/migration-2.sql";
  private static final String ALLOWS_FIRST = "/io/entrepot/catalog/migration-allows-1.sql";
  private static final Schema OLD = new Schema("fruit", List.of(FIRST));
  private static final Schema NEW = new Schema("fruit", List.of(FIRST, SECOND));

  @TempDir Path folder;
  private final TestClock clock = new TestClock();
  private TestDatabase database;

  @BeforeEach
  void open() throws Exception {
    database = TestDatabase.open(folder);
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void eachMigrationRunsOnceAndInOrder() {
    OLD.migrate(database.dataSource(), clock);
    NEW.migrate(database.dataSource(), clock);
    NEW.migrate(database.dataSource(), clock);

    assertThat(list("SELECT name FROM fruit ORDER BY name")).containsExactly("apple", "pear");
    assertThat(
            list("SELECT version FROM schema_version WHERE component = 'fruit' ORDER BY version"))
        .containsExactly("1", "2");
  }

  @Test
  void componentsHaveVersionsOfTheirOwn() {
    NEW.migrate(database.dataSource(), clock);

    assertThatCode(() -> new Catalog(database.dataSource(), MemoryBudget.ofHeap(), clock))
        .doesNotThrowAnyException();
  }

  @Test
  void tablesOfALaterProgramAreRefused() {
    NEW.migrate(database.dataSource(), clock);

    assertThatThrownBy(() -> OLD.migrate(database.dataSource(), clock))
        .isInstanceOf(DatabaseException.class)
        .hasMessage(
            "the tables of fruit have version 2, which needs a program that knows 2;"
                + " this one knows 1; start a later version of Entrepot");
  }

  @Test
  void olderProgramLivesWithLaterTablesThatAllowIt() {
    new Schema("fruit", List.of(FIRST, ALLOWS_FIRST)).migrate(database.dataSource(), clock);

    OLD.migrate(database.dataSource(), clock);

    assertThat(list("SELECT name FROM fruit")).containsExactly("apple");
    assertThat(Schema.present(new Database(database.dataSource())))
        .containsExactly(new Schema.Present("fruit", 2, 1));
    new Schema("fruit", List.of(FIRST, ALLOWS_FIRST, SECOND)).migrate(database.dataSource(), clock);
    assertThat(Schema.present(new Database(database.dataSource())))
        .containsExactly(new Schema.Present("fruit", 3, 3));
    assertThatThrownBy(() -> OLD.check(database.dataSource()))
        .isInstanceOf(DatabaseException.class)
        .hasMessageContaining("needs a program that knows 3");
  }

  @Test
  void tablesOfAProgramThatDidNotSayWhatTheyAllowAllowNoOlderOne() throws Exception {
    database.execute(
        "CREATE TABLE schema_version (component VARCHAR(40) NOT NULL, version INTEGER NOT NULL,"
            + " applied_at BIGINT NOT NULL, PRIMARY KEY (component, version))");
    database.execute("INSERT INTO schema_version VALUES ('fruit', 2, 0)");

    assertThatThrownBy(() -> OLD.check(database.dataSource()))
        .isInstanceOf(DatabaseException.class);
    assertThat(NEW.check(database.dataSource())).isEqualTo(2);
  }

  @Test
  void migrationThatACrashCutShortRunsAgain() throws Exception {
    new Catalog(database.dataSource(), MemoryBudget.ofHeap(), clock);
    database.execute("DELETE FROM schema_version WHERE component = 'catalog'");
    database.execute("DROP INDEX tag_by_digest");

    new Catalog(database.dataSource(), MemoryBudget.ofHeap(), clock);

    assertThat(list("SELECT version FROM schema_version WHERE component = 'catalog'"))
        .containsExactly("1", "2", "3", "4", "5", "6", "7", "8", "9");
  }

  @Test
  void failedMigrationSaysWhich() throws Exception {
    database.execute("CREATE TABLE fruit (colour VARCHAR(10))");

    assertThatThrownBy(() -> OLD.migrate(database.dataSource(), clock))
        .isInstanceOf(DatabaseException.class)
        .hasMessageStartingWith("migrating fruit to schema version 1 failed: ");
  }

  private List<String> list(String sql) {
    return new Database(database.dataSource())
        .read("looking", session -> session.list(sql, row -> row.getString(1)));
  }
}
