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
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

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
      assertThat(catalog.blobs().find(digest("kept"))).isPresent();
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
    assertThat(catalog.blobs().find(digest("later"))).isPresent();
    assertThat(catalog.blobs().find(digest("kept"))).isPresent();
    assertThat(catalog.blobs().find(digest("refused"))).isEmpty();
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
    assertThat(catalog.blobs().find(digest("later"))).isPresent();
  }

  @Test
  void whatFailsToBeWrittenLaterIsNoFailureOfWhoReads() throws Exception {
    disk.refuse();
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE beside(id INT)"); // nobody waits for it to be written
      await().until(disk::hasRefused);
    }
    assertThat(catalog.blobs().find(digest("kept"))).isPresent();
    disk.accept();
    link("later");
    assertThat(catalog.blobs().find(digest("later"))).isPresent();
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
    assertThat(catalog.blobs().find(digest("kept"))).isPresent();
    assertThat(catalog.blobs().find(digest("later"))).isPresent();
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

  /** F25. Some damage is only found where it is read, and some of it is never read. */
  @ParameterizedTest
  @EnumSource
  void damagedFileIsMadeAnewWhileItIsInUse(Damage damage) throws Exception {
    Map<Digest, Long> blobs = new HashMap<>();
    for (int i = 0; i < 1_000; i++) {
      blobs.put(digest("blob " + i), 1L);
    }
    catalog.blobs().adopt(blobs, clock.instant());
    database.close();
    database = EmbeddedDatabase.open(folder);
    DataSource source = database.dataSource();
    catalog = new Catalog(source, MemoryBudget.ofHeap(), clock);
    AtomicInteger told = new AtomicInteger();
    EmbeddedDatabase.onDamage(source, told::incrementAndGet);

    damage.of(folder.resolve("entrepot.mv.db"));

    readAll();
    assertThat(EmbeddedDatabase.damage(source)).isPresent();
    assertThat(told).hasValue(1);

    EmbeddedDatabase.renew(source, empty -> Catalog.makeTables(empty, clock));
    catalog.forgetMemory();

    assertThat(EmbeddedDatabase.damage(source)).isEmpty();
    assertThat(catalog.blobs().find(digest("blob 7"))).isEmpty();
    link("later");
    database.close();
    database = EmbeddedDatabase.open(folder);
    catalog = new Catalog(database.dataSource(), MemoryBudget.ofHeap(), clock);
    assertThat(catalog.blobs().find(digest("later"))).isPresent();
  }

  /** Reads every row, whatever fails, and then looks as health does. */
  private void readAll() {
    for (int i = 0; i < 1_000; i++) {
      Digest digest = digest("blob " + i);
      try {
        var unused = catalog.blobs().find(digest);
      } catch (DatabaseException e) {
        // What matters is that it is noted.
      }
    }
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

  /** What can happen to a file. */
  enum Damage {
    EMPTIED,
    CUT,
    ZEROS,
    NOISE,
    SCATTERED,
    TEXT,
    REMOVED,
    REPLACED;

    private static final int FROM = 8192;

    void of(Path file) throws IOException {
      byte[] bytes = Files.readAllBytes(file);
      switch (this) {
        case EMPTIED -> Files.write(file, new byte[0]);
        case CUT -> Files.write(file, Arrays.copyOf(bytes, FROM));
        case ZEROS -> Files.write(file, Arrays.copyOf(Arrays.copyOf(bytes, FROM), bytes.length));
        case NOISE -> Files.write(file, noise(bytes));
        case SCATTERED -> Files.write(file, scattered(bytes));
        case TEXT -> Files.writeString(file, "not a database");
        case REMOVED -> Files.delete(file);
        case REPLACED -> {
          Files.delete(file);
          Files.createFile(file);
        }
      }
    }

    private static byte[] noise(byte[] bytes) {
      byte[] noise = new byte[bytes.length - FROM];
      new Random(1).nextBytes(noise);
      System.arraycopy(noise, 0, bytes, FROM, noise.length);
      return bytes;
    }

    private static byte[] scattered(byte[] bytes) {
      for (int i = FROM; i < bytes.length; i += 97) {
        bytes[i] ^= 0x40;
      }
      return bytes;
    }
  }
}
