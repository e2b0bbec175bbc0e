package io.entrepot.database;

import static io.entrepot.catalog.LinkKind.BLOB;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.awaitility.Awaitility.await;

import io.entrepot.catalog.BlobEntry;
import io.entrepot.catalog.Catalog;
import io.entrepot.fixture.Background;
import io.entrepot.fixture.TestClock;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The database in a folder: its address is nobody's to say (S21), and a kill loses nothing (F1).
 */
@Timeout(120)
class EmbeddedDatabaseTest {
  private static final RepositoryName ALPINE = RepositoryName.of("library/alpine");
  private static final Digest LAYER = digest("layer");

  @TempDir Path folder;
  private final TestClock clock = new TestClock();

  @Test
  void folderMayHaveSpacesAndSigns() throws Exception {
    Path odd = Files.createDirectories(folder.resolve("my cache = 100% \u00e4"));

    try (EmbeddedDatabase database = EmbeddedDatabase.open(odd)) {
      link(database);
    }

    assertThat(odd.resolve("entrepot.mv.db")).isRegularFile();
  }

  @Test
  void folderWithSemicolonIsRefused() {
    Path injected = folder.resolve("x;INIT=RUNSCRIPT FROM 'y'");

    assertThatThrownBy(() -> EmbeddedDatabase.open(injected))
        .isInstanceOf(DatabaseException.class)
        .hasMessage(
            "the database cannot be in the folder %s: its path holds a semicolon", injected);
  }

  @Test
  void fileThatThisProcessStillHasLockedIsWaitedFor() throws Exception {
    EmbeddedFile file = new EmbeddedFile(folder.resolve("entrepot").toString(), "");
    file.open().close();
    try (FileChannel ending = FileChannel.open(file.path(), StandardOpenOption.WRITE)) {
      FileLock lock = ending.lock();
      CompletableFuture<Void> opened = Background.run(() -> connect(file));
      await().during(Duration.ofMillis(300)).until(() -> !opened.isDone());

      lock.release();

      opened.get();
    }
  }

  private static void connect(EmbeddedFile file) {
    try {
      file.getConnection().close();
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void fileThatIsNoDatabaseIsUnreadable() throws Exception {
    Path file = folder.resolve("entrepot.mv.db");
    Files.write(file, new byte[100_000]);

    assertThatThrownBy(() -> EmbeddedDatabase.open(folder))
        .asInstanceOf(type(UnreadableDatabaseException.class))
        .satisfies(e -> assertThat(e.file()).isEqualTo(file))
        .satisfies(e -> assertThat(e).hasMessageStartingWith("the database " + file));
    assertThat(file).hasSize(100_000);
  }

  @Test
  void overwrittenFileIsUnreadableAndAFreshOneReplacesIt() throws Exception {
    try (EmbeddedDatabase database = EmbeddedDatabase.open(folder)) {
      link(database);
    }
    Path file = folder.resolve("entrepot.mv.db");
    byte[] bytes = Files.readAllBytes(file);
    Arrays.fill(bytes, (byte) 'x');
    Files.write(file, bytes);
    assertThatThrownBy(() -> EmbeddedDatabase.open(folder))
        .isInstanceOf(UnreadableDatabaseException.class);

    Files.move(file, folder.resolve("set-aside"));

    try (EmbeddedDatabase database = EmbeddedDatabase.open(folder)) {
      assertThat(
              new Catalog(database.dataSource(), MemoryBudget.ofHeap(), clock)
                  .findLink(ALPINE, LAYER, BLOB))
          .isEmpty();
    }
  }

  @Test
  void databaseOfAnotherProcessIsInUseAndNotUnreadable() throws Exception {
    Process other = start("hold");
    try {
      awaitReady(other);

      assertThatThrownBy(() -> EmbeddedDatabase.open(folder))
          .isExactlyInstanceOf(DatabaseException.class)
          .hasMessageContaining("entrepot.mv.db failed");
    } finally {
      other.destroyForcibly().waitFor();
    }
  }

  @Test
  void everyCommitOutlivesAProcessThatIsKilled() throws Exception {
    Process other = start("halt");
    assertThat(other.waitFor(100, TimeUnit.SECONDS)).isTrue();
    assertThat(other.exitValue()).isEqualTo(9);

    try (EmbeddedDatabase database = EmbeddedDatabase.open(folder)) {
      assertThat(new Catalog(database.dataSource(), MemoryBudget.ofHeap(), clock).links(LAYER))
          .hasSize(200);
    }
  }

  @Test
  void interruptedThreadClosesTheDatabaseForNobody() {
    try (EmbeddedDatabase database = EmbeddedDatabase.open(folder)) {
      Catalog catalog = new Catalog(database.dataSource(), MemoryBudget.ofHeap(), clock);
      for (int i = 0; i < 500; i++) {
        catalog.blobs().adopt(digest("blob " + i), i, clock.instant());
      }
    }
    try (EmbeddedDatabase database = EmbeddedDatabase.open(folder)) {
      Catalog catalog = new Catalog(database.dataSource(), MemoryBudget.ofHeap(), clock);

      Thread.currentThread().interrupt();
      try {
        catalog.blobs().adopt(LAYER, 77, clock.instant());
      } catch (DatabaseException e) {
        assertThat(e).hasMessageContaining("nterrupt");
      }
      boolean unused = Thread.interrupted();

      assertThat(catalog.blobs().find(digest("blob 499"))).map(BlobEntry::size).contains(499L);
    }
  }

  @Test
  void closingShrinksTheFile() throws Exception {
    Path file = folder.resolve("entrepot.mv.db");
    try (EmbeddedDatabase database = EmbeddedDatabase.open(folder)) {
      Catalog catalog = new Catalog(database.dataSource(), MemoryBudget.ofHeap(), clock);
      for (int i = 0; i < 500; i++) {
        catalog.texts().put("counter", "i".repeat(900) + i);
      }
      assertThat(Files.size(file)).isGreaterThan(2_000_000);
    }

    assertThat(Files.size(file)).isLessThan(200_000);
  }

  @Test
  void closingLeavesNoThreadAndNoDriver() {
    Set<String> before = threads();
    Set<Driver> drivers = DriverManager.drivers().collect(Collectors.toSet());

    try (EmbeddedDatabase database = EmbeddedDatabase.open(folder)) {
      link(database);
      assertThat(threads()).isNotEqualTo(before);
    }

    assertThat(threads()).isSubsetOf(before);
    assertThat(DriverManager.drivers()).isSubsetOf(drivers);
    assertThat(DriverManager.drivers()).noneMatch(d -> d.getClass().getName().contains("h2"));
  }

  @Test
  void closedPoolSaysSo() {
    EmbeddedDatabase database = EmbeddedDatabase.open(folder);
    Catalog catalog = new Catalog(database.dataSource(), MemoryBudget.ofHeap(), clock);
    database.close();

    assertThatThrownBy(() -> catalog.blobs().find(LAYER)).isInstanceOf(DatabaseException.class);
  }

  private static Digest digest(String content) {
    return Digest.ofBytes(Digest.Algorithm.SHA256, content.getBytes(UTF_8));
  }

  private void link(EmbeddedDatabase database) {
    new Catalog(database.dataSource(), MemoryBudget.ofHeap(), clock)
        .link(ALPINE, LAYER, BLOB, 1, null, clock.instant());
  }

  private static Set<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> !name.startsWith("process reaper"))
        .collect(Collectors.toSet());
  }

  private Process start(String how) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            OtherProcess.class.getName(),
            folder.toString(),
            how)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private static void awaitReady(Process process) throws IOException {
    BufferedReader out = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    assertThat(out.readLine()).isEqualTo("ready");
  }

  /** A process that makes 200 links and then dies as if killed, or waits until it is. */
  static final class OtherProcess {
    private OtherProcess() {}

    public static void main(String[] arguments) throws Exception {
      EmbeddedDatabase database = EmbeddedDatabase.open(Path.of(arguments[0]));
      TestClock clock = new TestClock();
      Catalog catalog = new Catalog(database.dataSource(), MemoryBudget.ofHeap(), clock);
      for (int i = 0; i < 200; i++) {
        RepositoryName repository = RepositoryName.of("library/r" + i);
        catalog.link(repository, LAYER, BLOB, 1, null, clock.instant());
      }
      if (arguments[1].equals("halt")) {
        Runtime.getRuntime().halt(9);
      }
      System.out.println("ready");
      int unused = System.in.read();
    }
  }
}
