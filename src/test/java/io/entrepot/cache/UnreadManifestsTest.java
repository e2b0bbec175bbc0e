package io.entrepot.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.catalog.Catalog;
import io.entrepot.catalog.Images;
import io.entrepot.database.TestDatabase;
import io.entrepot.fixture.TestClock;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Digest.Algorithm;
import io.entrepot.store.file.TestStore;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnreadManifestsTest {
  private static final Images.Keeping NO_TAG_KEEPS = (repository, tag) -> false;

  private final TestClock clock = new TestClock();

  @Test
  void whatIsFoundInTheStoreIsReadForWhatItRefersTo(@TempDir Path folder) throws Exception {
    try (TestDatabase database = TestDatabase.open(folder);
        TestStore files = TestStore.open(folder.resolve("data"))) {
      Catalog catalog = new Catalog(database.dataSource(), MemoryBudget.ofHeap(), clock);
      String layer = "a layer";
      String image = manifest("\"layers\":[" + descriptor(layer) + "]");
      String signature = manifest("\"layers\":[],\"subject\":" + descriptor(image));
      for (String content : Stream.of(layer, "{}", image, signature).toList()) {
        files.store().put(digest(content), content.getBytes(UTF_8));
      }
      catalog.blobs().adopt(digest("has lost its file"), 17, clock.instant());
      new UnindexedBlobs(files.store(), catalog, clock).adopt();

      new UnreadManifests(files.store(), catalog).readAll();

      assertThat(catalog.images().unread(9)).isEmpty();
      assertThat(catalog.images().removal(digest(image), null, NO_TAG_KEEPS).digests())
          .containsExactlyInAnyOrder(digest(image), digest(layer), digest("{}"), digest(signature));
    }
  }

  private static String manifest(String fields) {
    return "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\","
        + fields
        + ",\"config\":"
        + descriptor("{}")
        + "}";
  }

  private static String descriptor(String content) {
    return "{\"mediaType\":\"application/x\",\"digest\":\"%s\",\"size\":%d}"
        .formatted(digest(content), content.length());
  }

  private static Digest digest(String content) {
    return Digest.ofBytes(Algorithm.SHA256, content.getBytes(UTF_8));
  }
}
