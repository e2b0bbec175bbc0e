package io.entrepot.boot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.database.DatabaseException;
import io.entrepot.database.FaultyDataSource;
import io.entrepot.database.TestDatabase;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.RepositoryName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Repairs without a restart after the database was down (F19). */
class ChoresTest {
  private static final RepositoryName ALPINE = RepositoryName.of("library/alpine");
  private static final String IMAGE = "application/vnd.oci.image.manifest.v1+json";

  @TempDir Path folder;
  private TestDatabase database;
  private FaultyDataSource dataSource;
  private ChoresBench bench;

  @BeforeEach
  void open() throws Exception {
    database = TestDatabase.open(folder);
    dataSource = new FaultyDataSource(database.dataSource());
    bench = new ChoresBench(dataSource, folder.resolve("data"));
  }

  @AfterEach
  void close() throws IOException {
    dataSource.comeBack();
    bench.close();
    database.close();
  }

  @Test
  void bytesThatTheIndexMissedAreTakenInOnceItIsBack() {
    Digest unindexed = storeWhileTheDatabaseIsDown("one");
    assertThat(bench.catalog.blobs().find(unindexed)).isEmpty();

    bench.chores.mend();

    assertThat(bench.catalog.blobs().find(unindexed)).isPresent();
    assertThat(bench.leases.find(unindexed)).isPresent();
  }

  @Test
  void mendingThatFailsIsTriedAgain() {
    Digest unindexed = storeWhileTheDatabaseIsDown("one");
    dataSource.goDown();
    bench.chores.mend();
    dataSource.comeBack();

    bench.chores.mend();

    assertThat(bench.leases.find(unindexed)).isPresent();
  }

  @Test
  void consistentStoreIsNotCheckedAgain() {
    storeWhileTheDatabaseIsDown("one");
    bench.chores.mend();
    int asked = dataSource.asked();

    bench.chores.mend();

    assertThat(dataSource.asked()).isEqualTo(asked);
  }

  @Test
  void leaseThatADeadNodeDidNotWriteIsWritten() throws Exception {
    bench.chores.mend();
    byte[] bytes = "{\"schemaVersion\":2}".getBytes(UTF_8);
    Digest digest = Digest.ofBytes(Digest.Algorithm.SHA256, bytes);
    var unused = bench.content.storeManifest(ALPINE, Manifest.read(digest, IMAGE, bytes));
    bench.leases.release(List.of(digest));
    bench.chores.mend();
    assertThat(bench.leases.find(digest)).isEmpty();

    bench.chores.mendLeases();

    assertThat(bench.leases.find(digest)).isPresent();
  }

  private Digest storeWhileTheDatabaseIsDown(String content) {
    byte[] bytes = "{\"schemaVersion\":2,\"note\":\"%s\"}".formatted(content).getBytes(UTF_8);
    Digest digest = Digest.ofBytes(Digest.Algorithm.SHA256, bytes);
    dataSource.goDown();
    assertThatThrownBy(
            () -> bench.content.storeManifest(ALPINE, Manifest.read(digest, IMAGE, bytes)))
        .isInstanceOf(DatabaseException.class);
    dataSource.comeBack();
    return digest;
  }
}
