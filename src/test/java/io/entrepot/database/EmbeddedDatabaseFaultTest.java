package io.entrepot.database;

import static io.entrepot.catalog.LinkKind.BLOB;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.entrepot.catalog.Catalog;
import io.entrepot.fixture.TestClock;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An embedded database whose disk refuses a write, which for H2 is the end (F3, F4). */
@Timeout(60)
class EmbeddedDatabaseFaultTest {
  private static final RepositoryName ALPINE = RepositoryName.of("library/alpine");

  @TempDir Path folder;
  private final TestClock clock = new TestClock();
  private RefusingDisk disk;
  private EmbeddedDatabase database;
  private Catalog catalog;

  @BeforeEach
  void open() {
    disk = RefusingDisk.install();
    database = EmbeddedDatabase.open(folder);
    catalog = new Catalog(database.dataSource(), MemoryBudget.ofHeap(), clock);
    link("kept");
  }

  @AfterEach
  void close() {
    database.close();
    disk.close();
  }

  @Test
  void whatIsKnownIsReadWhileTheDiskIsFull() {
    disk.refuse();
    for (int i = 0; i < 5; i++) {
      assertThatThrownBy(() -> link("refused"))
          .isInstanceOf(DatabaseException.class)
          .hasMessageContaining("linking");
      assertThat(catalog.findBlob(digest("kept"))).isPresent();
    }
    assertThat(EmbeddedDatabase.losses(database.dataSource())).isPositive();
  }

  @Test
  void whatFailsByItselfLosesNothing() throws Exception {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      assertThatThrownBy(() -> statement.execute("SELECT nothing")).isNotNull();
    }
    assertThat(EmbeddedDatabase.losses(database.dataSource())).isZero();
  }

  @Test
  void writesGoOnWhenTheDiskHasRoomAgain() {
    disk.refuse();
    assertThatThrownBy(() -> link("refused")).isInstanceOf(DatabaseException.class);
    disk.accept();
    link("later");
    assertThat(catalog.findBlob(digest("later"))).isPresent();
    assertThat(catalog.findBlob(digest("kept"))).isPresent();
    assertThat(catalog.findBlob(digest("refused"))).isEmpty();
  }

  @Test
  void whatWasWrittenAfterAFailureIsThereAtTheNextStart() {
    disk.refuse();
    assertThatThrownBy(() -> link("refused")).isInstanceOf(DatabaseException.class);
    disk.accept();
    link("later");
    database.close();
    database = EmbeddedDatabase.open(folder);
    catalog = new Catalog(database.dataSource(), MemoryBudget.ofHeap(), clock);
    assertThat(catalog.findBlob(digest("later"))).isPresent();
  }

  @Test
  void whatFailsToBeWrittenLaterIsNoFailureOfWhoReads() throws Exception {
    disk.refuse();
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE beside(id INT)"); // nobody waits for it to be written
      await().until(disk::hasRefused);
    }
    assertThat(catalog.findBlob(digest("kept"))).isPresent();
    disk.accept();
    link("later");
    assertThat(catalog.findBlob(digest("later"))).isPresent();
  }

  /** F27. Nobody waits for a connection, and nothing is lost. */
  @Test
  void readOnlyDiskIsReadAndRefusesEachChangeAtOnce() {
    disk.becomeReadOnly();
    assertThatThrownBy(() -> link("refused")).isInstanceOf(DatabaseException.class);
    for (int i = 0; i < 5; i++) {
      assertThat(catalog.links(digest("kept"))).hasSize(1);
      long begun = System.nanoTime();
      assertThatThrownBy(() -> link("refused")).hasMessageContaining("read only");
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(4));
    }
    assertThat(EmbeddedDatabase.readOnly(database.dataSource()))
        .hasValueSatisfying(why -> assertThat(why).contains("Read-only file system"));

    disk.accept();

    await().ignoreExceptions().untilAsserted(() -> link("later"));
    assertThat(EmbeddedDatabase.readOnly(database.dataSource())).isEmpty();
    assertThat(catalog.findBlob(digest("kept"))).isPresent();
    assertThat(catalog.findBlob(digest("later"))).isPresent();
  }

  /** F25. What was written before the cut may still be in memory, so that only a part fails. */
  @Test
  void fileThatIsCutShortIsToldAndMadeAnewAtTheNextStart() throws Exception {
    for (int i = 0; i < 200; i++) {
      link("blob " + i);
    }
    database.close();
    database = EmbeddedDatabase.open(folder);
    catalog = new Catalog(database.dataSource(), MemoryBudget.ofHeap(), clock);
    assertThat(EmbeddedDatabase.damage(database.dataSource())).isEmpty();

    try (FileChannel file =
        FileChannel.open(folder.resolve("entrepot.mv.db"), StandardOpenOption.WRITE)) {
      file.truncate(8192);
    }

    assertThatThrownBy(() -> catalog.links(digest("blob 7"))).isInstanceOf(DatabaseException.class);
    assertThat(catalog.trouble())
        .hasValueSatisfying(why -> assertThat(why).contains("listing the links"));
    assertThat(EmbeddedDatabase.damage(database.dataSource()))
        .hasValueSatisfying(why -> assertThat(why).contains("damaged"));
    closeDamaged();
    assertThatThrownBy(() -> EmbeddedDatabase.open(folder))
        .isInstanceOf(UnreadableDatabaseException.class);

    FileUtils.cleanDirectory(folder.toFile());
    database = EmbeddedDatabase.open(folder);
  }

  private void closeDamaged() {
    try {
      database.close();
    } catch (DatabaseException e) {
      // H2 may or may not notice.
    }
  }

  @Test
  void fileThatIsRemovedIsTold() throws Exception {
    Files.delete(folder.resolve("entrepot.mv.db"));

    assertThat(EmbeddedDatabase.damage(database.dataSource()))
        .hasValueSatisfying(why -> assertThat(why).contains("removed"));
  }

  private void link(String content) {
    catalog.link(ALPINE, digest(content), BLOB, 1, null, clock.instant());
  }

  private static Digest digest(String content) {
    return Digest.ofBytes(Digest.Algorithm.SHA256, content.getBytes(UTF_8));
  }
}
