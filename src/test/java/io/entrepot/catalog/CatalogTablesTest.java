package io.entrepot.catalog;

import static io.entrepot.catalog.LinkKind.BLOB;
import static io.entrepot.catalog.LinkKind.MANIFEST;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.Page;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CatalogTablesTest extends CatalogFixture {
  private static final Manifest IMAGE =
      new Manifest(
          digest("image"),
          OCI_MANIFEST,
          "image".getBytes(UTF_8),
          List.of(new Descriptor("", LAYER, 10)),
          null,
          null,
          null);

  private final Instant now = clock.instant();

  @Test
  void tagMoves() {
    catalog.tags().put(new TagEntry(ALPINE, LATEST, digest("old"), now));
    Instant later = now.plusSeconds(5);

    catalog.tags().put(new TagEntry(ALPINE, LATEST, digest("new"), later));

    assertThat(catalog.tags().find(ALPINE, LATEST))
        .contains(new TagEntry(ALPINE, LATEST, digest("new"), later));
    assertThat(catalog.tags().find(OTHER, LATEST)).isEmpty();
  }

  @Test
  void forgottenTagIsAbsent() {
    catalog.tags().put(new TagEntry(ALPINE, LATEST, LAYER, now));

    catalog.tags().forget(ALPINE, LATEST);
    catalog.tags().forget(ALPINE, LATEST);

    assertThat(catalog.tags().find(ALPINE, LATEST)).isEmpty();
  }

  @Test
  void tagsComeInAsciiOrderPageByPage() {
    for (String tag : List.of("b", "B", "a_1", "a-1", "a.1", "1", "_")) {
      catalog.tags().put(new TagEntry(ALPINE, Tag.parse(tag), LAYER, now));
    }
    catalog.tags().put(new TagEntry(OTHER, Tag.parse("c"), LAYER, now));

    assertThat(catalog.tags().list(ALPINE, Page.ALL))
        .containsExactly("1", "B", "_", "a-1", "a.1", "a_1", "b");
    assertThat(catalog.tags().list(ALPINE, new Page(2, "B"))).containsExactly("_", "a-1");
    assertThat(catalog.tags().list(ALPINE, new Page(null, "a_1"))).containsExactly("b");
    assertThat(catalog.tags().list(ALPINE, new Page(0, null))).isEmpty();
    assertThat(catalog.tags().list(ALPINE, new Page(999_999_999, "b"))).isEmpty();
  }

  @Test
  void repositoriesComeOnceEachInAsciiOrderPageByPage() {
    for (String name : List.of("u/b", "u/a/b", "u/a-b", "u/a", "u-a/a", "u0/a", "t/z")) {
      catalog.link(RepositoryName.of(name), LAYER, BLOB, 1, null, now);
      catalog.link(RepositoryName.of(name), digest("more"), BLOB, 1, null, now);
    }

    assertThat(catalog.repositories().names("u/", "", 10))
        .extracting(RepositoryName::value)
        .containsExactly("u/a", "u/a-b", "u/a/b", "u/b");
    assertThat(catalog.repositories().names("u/", "u/a", 2))
        .extracting(RepositoryName::value)
        .containsExactly("u/a-b", "u/a/b");
    assertThat(catalog.repositories().names("u/a/", "t", 2))
        .extracting(RepositoryName::value)
        .containsExactly("u/a/b");
    assertThat(catalog.repositories().names("u/", "u0", 2)).isEmpty();
  }

  @Test
  void unlinkedManifestTakesItsTagsOfThatRepositoryAlong() {
    catalog.linkManifest(ALPINE, IMAGE, now);
    catalog.linkManifest(OTHER, IMAGE, now);
    catalog.tags().put(new TagEntry(ALPINE, LATEST, IMAGE.digest(), now));
    catalog.tags().put(new TagEntry(ALPINE, Tag.parse("else"), digest("else"), now));
    catalog.tags().put(new TagEntry(OTHER, LATEST, IMAGE.digest(), now));

    assertThat(catalog.unlink(catalog.findLink(ALPINE, IMAGE.digest(), MANIFEST).orElseThrow()))
        .isTrue();

    assertThat(catalog.tags().list(ALPINE, Page.ALL)).containsExactly("else");
    assertThat(catalog.tags().list(OTHER, Page.ALL)).containsExactly("latest");
  }

  @Test
  void linkedBlobIsNotForgotten() {
    catalog.link(ALPINE, LAYER, BLOB, 10, null, now);

    assertThat(catalog.forget(LAYER)).isFalse();

    assertThat(catalog.blobs().find(LAYER)).contains(new BlobEntry(LAYER, 10, null, now));
  }

  @Test
  void forgottenManifestLeavesNeitherRowNorChildNorTag() {
    catalog.linkManifest(ALPINE, IMAGE, now);
    catalog.link(ALPINE, LAYER, BLOB, 10, null, now);
    Link link = catalog.links(IMAGE.digest()).get(0);
    assertThat(catalog.unlink(link)).isTrue();
    catalog.tags().put(new TagEntry(ALPINE, LATEST, IMAGE.digest(), now));

    assertThat(catalog.forget(IMAGE.digest())).isTrue();

    assertThat(catalog.blobs().find(IMAGE.digest())).isEmpty();
    assertThat(catalog.tags().find(ALPINE, LATEST)).isEmpty();
    clock.advance(Duration.ofHours(1));
    catalog.use(ALPINE, IMAGE.digest(), MANIFEST);
    catalog.flush();
    assertThat(catalog.links(LAYER).get(0).lastUsed()).isEqualTo(now);
  }

  @Test
  void unknownBlobCountsAsForgotten() {
    assertThat(catalog.forget(LAYER)).isTrue();
  }

  @Test
  void adoptedBlobHasNoLink() {
    catalog.blobs().adopt(LAYER, 77, now);

    assertThat(catalog.blobs().find(LAYER)).contains(new BlobEntry(LAYER, 77, null, now));
    assertThat(catalog.links(LAYER)).isEmpty();
    assertThat(catalog.findLink(ALPINE, LAYER, BLOB)).isEmpty();
    assertThat(catalog.forget(LAYER)).isTrue();
  }

  @Test
  void adoptionLeavesAKnownBlobAsItIs() {
    catalog.linkManifest(ALPINE, IMAGE, now);

    catalog.blobs().adopt(IMAGE.digest(), 77, now.plusSeconds(1));

    assertThat(catalog.blobs().find(IMAGE.digest()))
        .contains(new BlobEntry(IMAGE.digest(), IMAGE.bytes().length, OCI_MANIFEST, now));
  }

  @Test
  void allDigestsComeOnceInBatches() {
    List<Digest> digests = IntStream.range(0, 25).mapToObj(i -> digest("blob " + i)).toList();
    digests.forEach(digest -> catalog.blobs().adopt(digest, 1, now));

    List<Digest> seen = new ArrayList<>();
    List<Digest> batch = catalog.blobs().after(null, 10);
    while (!batch.isEmpty()) {
      assertThat(batch).hasSizeLessThanOrEqualTo(10);
      seen.addAll(batch);
      batch = catalog.blobs().after(batch.get(batch.size() - 1), 10);
    }

    assertThat(seen).containsExactlyInAnyOrderElementsOf(digests);
  }

  @Test
  void statsCountEachBlobOnce() {
    assertThat(catalog.stats()).isEqualTo(new CatalogStats(0, 0, 0, 0, 0, 0));
    catalog.linkManifest(ALPINE, IMAGE, now);
    catalog.linkManifest(OTHER, IMAGE, now);
    catalog.link(ALPINE, LAYER, BLOB, 10, null, now);
    catalog.blobs().adopt(digest("unindexed"), 100, now);
    catalog.tags().put(new TagEntry(ALPINE, LATEST, IMAGE.digest(), now));

    assertThat(catalog.stats())
        .isEqualTo(new CatalogStats(3, 1, 3, 1, 2, 110 + IMAGE.bytes().length));
  }

  @Test
  void settingIsKeptUntilItIsForgotten() throws Exception {
    assertThat(catalog.texts().find("colour")).isEmpty();
    catalog.texts().put("colour", "red");
    catalog.texts().put("colour", "blue");
    database.close();
    open();
    assertThat(catalog.texts().find("colour")).contains("blue");

    catalog.texts().put("colour", null);

    assertThat(catalog.texts().find("colour")).isEmpty();
  }
}
