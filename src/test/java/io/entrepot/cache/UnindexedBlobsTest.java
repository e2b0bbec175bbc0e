package io.entrepot.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.catalog.Catalog;
import io.entrepot.database.TestDatabase;
import io.entrepot.fixture.TestClock;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Digest.Algorithm;
import io.entrepot.store.BlobStore;
import io.entrepot.store.file.TestStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnindexedBlobsTest {
  @TempDir Path folder;
  private final TestClock clock = new TestClock();
  private TestDatabase database;
  private Catalog catalog;
  private TestStore files;
  private BlobStore store;
  private UnindexedBlobs unindexed;

  @BeforeEach
  void open() throws Exception {
    database = TestDatabase.open(folder);
    catalog = new Catalog(database.dataSource(), MemoryBudget.ofHeap(), clock);
    files = TestStore.open(folder.resolve("data"));
    store = files.store();
    unindexed = new UnindexedBlobs(store, catalog, clock);
  }

  @AfterEach
  void close() throws IOException {
    files.close();
    catalog.close();
    database.close();
  }

  @Test
  void filesThatTheCatalogDoesNotKnowAreTakenInOnce() throws IOException {
    List<Digest> files = putFiles(1_200);
    catalog.blobs().adopt(files.get(7), 100, clock.instant());
    catalog.blobs().adopt(digest("has lost its file"), 1, clock.instant());

    assertThat(unindexed.adopt()).isEqualTo(1_199);

    assertThat(catalog.blobs().unknown(files)).isEmpty();
    assertThat(catalog.blobs().find(files.get(0)).orElseThrow().size()).isEqualTo(6);
    assertThat(catalog.blobs().find(files.get(7)).orElseThrow().size()).isEqualTo(100);
    assertThat(unindexed.adopt()).isZero();
  }

  @Test
  void areSuspectedOnlyAtTheStartAndAfterAFailure() throws IOException {
    assertThat(unindexed.areSuspected()).isTrue();
    unindexed.adopt();
    assertThat(unindexed.areSuspected()).isFalse();

    unindexed.suspectUnlessDone(() -> {});
    assertThat(unindexed.areSuspected()).isFalse();

    assertThatThrownBy(
            () ->
                unindexed.suspectUnlessDone(
                    () -> {
                      throw new IOException("no space left");
                    }))
        .hasMessage("no space left");
    assertThat(unindexed.areSuspected()).isTrue();
  }

  @Test
  void areSuspectedAfterASearchThatFailed() {
    catalog.close();
    database.close();

    assertThatThrownBy(() -> unindexed.adopt()).isInstanceOf(RuntimeException.class);

    assertThat(unindexed.areSuspected()).isTrue();
  }

  /** Writes files directly, because the store would sync each of them. */
  private List<Digest> putFiles(int count) throws IOException {
    List<Digest> files = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String text = "%06d".formatted(i);
      Digest digest = digest(text);
      Path file =
          folder.resolve(
              "data/blobs/sha256/%s/%s".formatted(digest.hex().substring(0, 2), digest.hex()));
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
      files.add(digest);
    }
    return files;
  }

  private static Digest digest(String text) {
    return Digest.ofBytes(Algorithm.SHA256, text.getBytes(UTF_8));
  }
}
