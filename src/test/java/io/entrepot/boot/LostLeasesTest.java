package io.entrepot.boot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.entrepot.catalog.LinkKind;
import io.entrepot.database.DatabaseException;
import io.entrepot.database.EmbeddedDatabase;
import io.entrepot.database.RefusingDisk;
import io.entrepot.expiry.LeaseException;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Leases that are lost because the embedded database cannot write, while the process continues
 * (F4).
 */
@Timeout(60)
class LostLeasesTest {
  private static final RepositoryName ALPINE = RepositoryName.of("library/alpine");
  private static final Digest LAYER = digest("layer");
  private static final Digest OTHER = digest("other");

  @TempDir Path folder;
  private final Clock clock = Clock.systemUTC();
  private RefusingDisk disk;
  private EmbeddedDatabase database;
  private ChoresBench bench;

  @BeforeEach
  void open() throws IOException {
    disk = RefusingDisk.install();
    database = EmbeddedDatabase.open(Files.createDirectory(folder.resolve("index")));
    bench = new ChoresBench(database.dataSource(), folder.resolve("data"));
  }

  @AfterEach
  void close() throws IOException {
    disk.accept();
    bench.close();
    database.close();
    disk.close();
  }

  @Test
  void leaseThatWasLostIsMadeAnewWithoutARestart() throws SQLException {
    bench.catalog.link(ALPINE, LAYER, LinkKind.BLOB, 1, null, clock.instant());
    losing(() -> bench.leases.lease(LAYER, clock.instant().plus(ChoresBench.TTL)));
    assertThat(bench.leases.find(LAYER)).isEmpty();

    bench.chores.mend();

    assertThat(bench.leases.find(LAYER)).isPresent();
  }

  @Test
  void leaseThatCameBackEndsWithoutARestart() throws SQLException {
    bench.leases.lease(LAYER, clock.instant().plus(ChoresBench.TTL));
    bench.catalog.link(ALPINE, LAYER, LinkKind.BLOB, 1, null, clock.instant());
    bench.catalog.unlink(bench.catalog.links(LAYER).get(0));
    bench.catalog.forget(LAYER);
    losing(() -> bench.leases.release(LAYER));
    assertThat(bench.leases.find(LAYER)).isPresent();

    bench.chores.mend();

    assertThat(bench.leases.find(LAYER))
        .hasValueSatisfying(expiry -> assertThat(expiry).isBeforeOrEqualTo(Instant.now()));
    bench.leases.start(bench.evictor::expire);
    await().until(() -> bench.leases.find(LAYER).isEmpty());
  }

  /** A disk that is full may make that of a database for a moment: opening it writes (F27). */
  @Test
  void leaseIsMadeWhereTheDatabaseWasReadOnlyBefore() {
    disk.becomeReadOnly();
    assertThatThrownBy(
            () -> bench.catalog.link(ALPINE, OTHER, LinkKind.BLOB, 1, null, clock.instant()))
        .isInstanceOf(DatabaseException.class);
    await()
        .until(
            () -> {
              assertThat(bench.leases.find(LAYER)).isEmpty();
              return EmbeddedDatabase.readOnly(database.dataSource()).isPresent();
            });
    assertThatThrownBy(() -> bench.leases.lease(OTHER, clock.instant().plus(ChoresBench.TTL)))
        .isInstanceOf(LeaseException.class);
    disk.accept();

    bench.leases.lease(LAYER, clock.instant().plus(ChoresBench.TTL));

    assertThat(bench.leases.find(LAYER)).isPresent();
  }

  private static Digest digest(String content) {
    return Digest.ofBytes(Digest.Algorithm.SHA256, content.getBytes(UTF_8));
  }

  /**
   * Runs a change that is committed but never reaches the disk, because the next write ends the
   * database. What was done before is on the disk.
   */
  private void losing(Runnable change) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("CHECKPOINT SYNC");
    }
    disk.refuse();
    change.run();
    assertThatThrownBy(
            () -> bench.catalog.link(ALPINE, OTHER, LinkKind.BLOB, 1, null, clock.instant()))
        .isInstanceOf(DatabaseException.class);
    disk.accept();
  }
}
