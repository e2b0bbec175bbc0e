package io.entrepot.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.catalog.Catalog;
import io.entrepot.database.TestDatabase;
import io.entrepot.fixture.TestClock;
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
  private UnindexedBlobs strays;

  @BeforeEach
  void open() throws Exception {
    database = TestDatabase.open(folder);
    catalog = new Catalog(database.dataSource(), clock);
    files = TestStore.open(folder.resolve("data"));
    store = files.store();
    strays = new UnindexedBlobs(store, catalog, clock);
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
    catalog.adopt(files.get(7), 100, clock.instant());
    catalog.adopt(digest("has lost its file"), 1, clock.instant());

    assertThat(strays.adopt()).isEqualTo(1_199);

    assertThat(catalog.unknown(files)).isEmpty();
    assertThat(catalog.findBlob(files.get(0)).orElseThrow().size()).isEqualTo(6);
    assertThat(catalog.findBlob(files.get(7)).orElseThrow().size()).isEqualTo(100);
    assertThat(strays.adopt()).isZero();
  }

  @Test
  void areSuspectedAtTheStartAndAfterAFailureAndNotElse() throws IOException {
    assertThat(strays.areSuspected()).isTrue();
    strays.adopt();
    assertThat(strays.areSuspected()).isFalse();

    strays.suspectUnlessDone(() -> {});
    assertThat(strays.areSuspected()).isFalse();

    assertThatThrownBy(
            () ->
                strays.suspectUnlessDone(
                    () -> {
                      throw new IOException("no space left");
                    }))
        .hasMessage("no space left");
    assertThat(strays.areSuspected()).isTrue();
  }

  @Test
  void areSuspectedAfterALookThatFailed() {
    catalog.close();
    database.close();

    assertThatThrownBy(() -> strays.adopt()).isInstanceOf(RuntimeException.class);

    assertThat(strays.areSuspected()).isTrue();
  }

  /** Written past the store, which would sync each. */
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
