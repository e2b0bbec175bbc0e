package io.entrepot.catalog;

import static io.entrepot.catalog.CatalogFixture.digest;
import static io.entrepot.catalog.LinkKind.BLOB;
import static io.entrepot.catalog.LinkKind.MANIFEST;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.database.TestDatabase;
import io.entrepot.fixture.TestClock;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes with an image, what stays, and in which order images go. */
class ImagesTest {
  private static final RepositoryName ALPINE = CatalogFixture.ALPINE;
  private static final RepositoryName OTHER = CatalogFixture.OTHER;

  @TempDir static Path folder;

  /** One for all, since to open one takes longer than a test. */
  private static TestDatabase database;

  private final TestClock clock = new TestClock();
  private Catalog catalog;

  private static final Images.Keeping NO_TAG_KEEPS = (repository, tag) -> false;
  private static final Images.Keeping TAGS_KEEP = (repository, tag) -> true;

  private final Digest own = digest("own layer");
  private final Digest shared = digest("shared layer");

  @BeforeAll
  static void openDatabase() throws Exception {
    database = TestDatabase.open(folder);
  }

  @AfterAll
  static void closeDatabase() {
    database.close();
  }

  @BeforeEach
  void empty() throws Exception {
    forgetMemory();
    for (String table : List.of("blob", "link", "child", "subject", "unread", "tag", "sighting")) {
      database.execute("DELETE FROM " + table);
    }
  }

  private void forgetMemory() {
    catalog = new Catalog(database.dataSource(), MemoryBudget.ofHeap(), clock);
  }

  @Test
  void manifestGoesWithTheBlobsThatNothingElseNeeds() {
    Manifest image = put(ALPINE, "image", own, shared);
    put(ALPINE, "another image", shared);
    putBlobs(ALPINE, own, shared);

    Removal plan = plan(image);

    assertThat(plan.digests()).containsExactlyInAnyOrder(image.digest(), own);
    assertThat(plan.bytes()).isEqualTo(image.bytes().length + 1_000L);
  }

  @Test
  void indexGoesWithItsManifestsAndWhatRefersToThem() {
    Manifest amd64 = put(ALPINE, "amd64", own, shared);
    Manifest arm64 = put(ALPINE, "arm64", shared);
    Manifest index = put(ALPINE, "index", amd64.digest(), arm64.digest());
    Manifest signature = putReferrer(ALPINE, "signature", amd64.digest(), digest("its layer"));
    putBlobs(ALPINE, own, shared, digest("its layer"));

    assertThat(plan(index).digests())
        .containsExactlyInAnyOrder(
            index.digest(),
            amd64.digest(),
            arm64.digest(),
            own,
            shared,
            signature.digest(),
            digest("its layer"));
  }

  @Test
  void manifestThatAnotherIndexListsStays() {
    Manifest amd64 = put(ALPINE, "amd64", own);
    Manifest index = put(ALPINE, "index", amd64.digest());
    put(ALPINE, "another index", amd64.digest());
    putBlobs(ALPINE, own);

    assertThat(plan(index).digests()).containsExactly(index.digest());
  }

  /** The fallback of the referrers API is an index that lists the referrers. */
  @Test
  void referrerThatAnIndexListsStays() {
    Manifest image = put(ALPINE, "image");
    Manifest signature = putReferrer(ALPINE, "signature", image.digest());
    Manifest fallback = put(ALPINE, "fallback", signature.digest());

    assertThat(plan(image).digests()).containsExactly(image.digest());
    assertThat(plan(fallback).digests()).containsExactly(fallback.digest(), signature.digest());
  }

  /** An upstream can make an index that refers to what it lists. */
  @Test
  void imageThatRefersToWhatItListsGoesAsAWhole() {
    Manifest listed = put(ALPINE, "listed", own);
    Manifest index = putReferrer(ALPINE, "index", listed.digest(), listed.digest());
    putBlobs(ALPINE, own);

    assertThat(leastUsed()).containsExactly(index.digest());
    assertThat(plan(index).digests())
        .containsExactlyInAnyOrder(index.digest(), listed.digest(), own);
  }

  @Test
  void whatATagKeepsStaysWithAllThatItLeadsTo() {
    Manifest amd64 = put(ALPINE, "amd64", own);
    Manifest index = put(ALPINE, "index", amd64.digest());
    putBlobs(ALPINE, own);
    tag(ALPINE, "1-amd64", amd64);

    Removal kept = catalog.images().removal(index.digest(), null, TAGS_KEEP);
    Removal keptItself = catalog.images().removal(amd64.digest(), null, TAGS_KEEP);

    assertThat(kept.digests()).containsExactly(index.digest());
    assertThat(keptItself.isEmpty()).isTrue();
    assertThat(plan(index).digests()).contains(amd64.digest(), own);
  }

  @Test
  void whatOneRepositoryLosesIsFreedWhereNoOtherHasIt() {
    Manifest image = put(ALPINE, "image", own, shared);
    Manifest others = put(OTHER, "another image", shared);
    putBlobs(ALPINE, own, shared);
    putBlobs(OTHER, shared);
    tag(ALPINE, "1", image);
    tag(OTHER, "1", others);

    Removal plan =
        catalog.images().removal(image.digest(), RepositoryRange.of(ALPINE), NO_TAG_KEEPS);

    assertThat(plan.parts())
        .containsExactlyInAnyOrder(
            new Removal.Part(image.digest(), image.bytes().length, true),
            new Removal.Part(own, 1_000, true),
            new Removal.Part(shared, 1_000, false));
    assertThat(catalog.images().remove(plan, NO_TAG_KEEPS)).isTrue();
    assertThat(catalog.linkInMemory(ALPINE, shared, BLOB)).isEmpty();
    assertThat(catalog.findLink(ALPINE, image.digest(), MANIFEST)).isEmpty();
    assertThat(catalog.tags().find(ALPINE, new Tag("1"))).isEmpty();
    assertThat(catalog.findLink(OTHER, shared, BLOB)).isPresent();
    assertThat(catalog.tags().find(OTHER, new Tag("1"))).isPresent();
  }

  @Test
  void whatARepositoryDoesNotHaveDoesNotGo() {
    Manifest image = put(ALPINE, "image", own);
    putBlobs(ALPINE, own);

    assertThat(
            catalog
                .images()
                .removal(image.digest(), RepositoryRange.of(OTHER), NO_TAG_KEEPS)
                .isEmpty())
        .isTrue();
    assertThat(catalog.images().removal(digest("unknown"), null, NO_TAG_KEEPS).isEmpty()).isTrue();
  }

  @Test
  void nothingGoesIfSomethingHasChangedSinceItWasPlanned() {
    Manifest image = put(ALPINE, "image", own);
    putBlobs(ALPINE, own);
    Removal plan = plan(image);
    put(OTHER, "a new image", own);

    assertThat(catalog.images().remove(plan, NO_TAG_KEEPS)).isFalse();
    assertThat(catalog.findLink(ALPINE, own, BLOB)).isPresent();
    assertThat(catalog.images().remove(plan(image), NO_TAG_KEEPS)).isTrue();
    assertThat(catalog.findLink(ALPINE, own, BLOB)).isPresent();
    assertThat(catalog.findLink(ALPINE, image.digest(), MANIFEST)).isEmpty();
  }

  @Test
  void nothingGoesIfItWasUsedSinceItWasPlanned() {
    Manifest image = put(ALPINE, "image", own);
    putBlobs(ALPINE, own);
    Removal plan = plan(image);
    clock.advance(Duration.ofSeconds(1));
    catalog.use(ALPINE, own, BLOB);
    catalog.flush();

    assertThat(catalog.images().remove(plan, NO_TAG_KEEPS)).isFalse();
  }

  @Test
  void whatAManifestListsAndIsNotHereIsAwaited() {
    Manifest image = put(ALPINE, "image", own, shared);
    putBlobs(ALPINE, own);

    assertThat(plan(image).awaited()).containsExactly(shared);
  }

  @Test
  void imagesAreInTheOrderOfTheirLastUse() {
    Manifest first = put(ALPINE, "first", own);
    putBlobs(ALPINE, own, digest("of no manifest"));
    clock.advance(Duration.ofSeconds(1));
    Manifest second = put(ALPINE, "second");
    clock.advance(Duration.ofSeconds(1));
    catalog.use(ALPINE, first.digest(), MANIFEST);
    catalog.flush();

    assertThat(leastUsed())
        .containsExactly(digest("of no manifest"), second.digest(), first.digest());
    List<Images.Image> one = catalog.images().leastUsed(null, null, 1);
    assertThat(catalog.images().leastUsed(null, one.get(0), 1))
        .extracting(Images.Image::digest)
        .containsExactly(second.digest());
  }

  /** An order by time alone would skip the others, or never end. */
  @Test
  void imagesOfOneMomentAreAllListed() {
    Stream.of("1", "2", "3", "4", "5").forEach(name -> put(ALPINE, name));
    Images.Image last = null;
    int seen = 0;
    for (List<Images.Image> page = catalog.images().leastUsed(null, null, 2);
        !page.isEmpty();
        page = catalog.images().leastUsed(null, last, 2)) {
      seen += page.size();
      last = page.get(page.size() - 1);
    }

    assertThat(seen).isEqualTo(5);
  }

  @Test
  void imageIsAsRecentAsWhatGoesWithItAndAsItsSubject() {
    Manifest image = put(ALPINE, "image", own);
    putBlobs(ALPINE, own);
    Manifest signature = putReferrer(ALPINE, "signature", image.digest());
    clock.advance(Duration.ofSeconds(1));
    catalog.use(ALPINE, own, BLOB);
    catalog.flush();
    long now = clock.millis();

    assertThat(plan(image).usedAt()).isEqualTo(now);
    catalog.images().rank(image.digest(), now);
    assertThat(plan(signature).usedAt()).isEqualTo(now);
    assertThat(catalog.images().leastUsed(null, null, 9))
        .containsExactly(
            new Images.Image(signature.digest(), now - 1_000),
            new Images.Image(image.digest(), now));
  }

  @Test
  void manifestsOfAnOlderVersionAreReadOnce() throws Exception {
    Manifest image = put(ALPINE, "image", own);
    Manifest signature = putReferrer(ALPINE, "signature", image.digest());
    putBlobs(ALPINE, own);
    Instant found = clock.instant();
    catalog.blobs().adopt(digest("found in the store"), 10, found);
    catalog.blobs().adopt(digest("too large"), Manifest.MAX_BYTES + 1L, found);
    database.execute("DROP TABLE subject");
    database.execute("DROP TABLE unread");
    database.execute("DROP INDEX blob_by_use");
    database.execute("ALTER TABLE blob DROP COLUMN used_at");
    database.execute("DELETE FROM schema_version WHERE component = 'catalog' AND version >= 6");

    forgetMemory();

    assertThat(catalog.images().unread(9))
        .containsExactlyInAnyOrder(
            image.digest(), signature.digest(), digest("found in the store"));
    catalog.images().read(image);
    catalog.images().read(signature);
    catalog.images().readNothing(List.of(digest("found in the store")));
    assertThat(catalog.images().unread(9)).isEmpty();
    assertThat(plan(image).digests())
        .containsExactlyInAnyOrder(image.digest(), own, signature.digest());
    assertThat(plan(image).usedAt()).isEqualTo(found.toEpochMilli());
  }

  @Test
  void whatIsForgottenIsNoLongerUnreadAndRefersToNothing() {
    catalog.blobs().adopt(digest("found"), 10, clock.instant());
    Manifest image = put(ALPINE, "image");
    Manifest signature = putReferrer(ALPINE, "signature", image.digest(), own);
    putBlobs(ALPINE, own);
    catalog.links(signature.digest()).forEach(catalog::unlink);

    catalog.forget(digest("found"));
    catalog.forget(signature.digest());

    assertThat(catalog.images().unread(9)).isEmpty();
    assertThat(plan(image).digests()).containsExactly(image.digest());
    assertThat(leastUsed()).containsExactlyInAnyOrder(image.digest(), own);
  }

  private Removal plan(Manifest image) {
    return catalog.images().removal(image.digest(), null, NO_TAG_KEEPS);
  }

  private List<Digest> leastUsed() {
    return catalog.images().leastUsed(null, null, 100).stream().map(Images.Image::digest).toList();
  }

  private void putBlobs(RepositoryName repository, Digest... blobs) {
    Stream.of(blobs)
        .forEach(blob -> catalog.link(repository, blob, BLOB, 1_000, null, clock.instant()));
  }

  private void tag(RepositoryName repository, String tag, Manifest manifest) {
    catalog
        .tags()
        .put(
            new TagEntry(
                repository, new Tag(tag), manifest.digest(), clock.instant(), Duration.ZERO, null));
  }

  private Manifest put(RepositoryName repository, String name, Digest... listed) {
    return put(repository, name, null, listed);
  }

  private Manifest putReferrer(
      RepositoryName repository, String name, Digest subject, Digest... listed) {
    return put(repository, name, new Descriptor("", subject, 1), listed);
  }

  private Manifest put(
      RepositoryName repository, String name, @Nullable Descriptor subject, Digest... listed) {
    List<Descriptor> descriptors =
        Stream.of(listed).map(digest -> new Descriptor("", digest, 1)).toList();
    Manifest manifest =
        new Manifest(
            digest(name),
            CatalogFixture.OCI_MANIFEST,
            name.getBytes(UTF_8),
            descriptors,
            subject,
            null,
            null);
    catalog.linkManifest(repository, manifest, clock.instant());
    return manifest;
  }
}
