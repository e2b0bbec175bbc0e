package io.entrepot.catalog;

import static io.entrepot.catalog.LinkKind.BLOB;
import static io.entrepot.catalog.LinkKind.MANIFEST;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.database.Database;
import io.entrepot.database.DatabaseException;
import io.entrepot.memory.Allowance;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.RepositoryName;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CatalogUsesTest extends CatalogFixture {
  private Instant linked;

  @BeforeEach
  void begin() {
    linked = clock.instant();
  }

  @Test
  void lastUseIsWrittenByTheFlush() {
    catalog.link(ALPINE, LAYER, BLOB, 1, null, linked);
    clock.advance(Duration.ofHours(1));
    catalog.use(ALPINE, LAYER, BLOB);
    clock.advance(Duration.ofHours(1));
    catalog.use(ALPINE, LAYER, BLOB);
    assertThat(lastUsed(ALPINE, LAYER)).isEqualTo(linked);

    catalog.flush();

    assertThat(lastUsed(ALPINE, LAYER)).isEqualTo(clock.instant());
    assertThat(catalog.links(LAYER).get(0).fetchedAt()).isEqualTo(linked);
  }

  @Test
  void usesAreCoalescedIntoOneTransaction() {
    catalog.link(ALPINE, LAYER, BLOB, 1, null, linked);
    for (int i = 0; i < 1_000; i++) {
      catalog.use(ALPINE, LAYER, BLOB);
    }
    int before = dataSource.asked();

    catalog.flush();
    catalog.flush();

    assertThat(dataSource.asked()).isEqualTo(before + 1);
  }

  @Test
  void closingFlushes() {
    catalog.link(ALPINE, LAYER, BLOB, 1, null, linked);
    clock.advance(Duration.ofHours(1));
    catalog.use(ALPINE, LAYER, BLOB);

    catalog.close();

    assertThat(lastUsed(ALPINE, LAYER)).isEqualTo(clock.instant());
  }

  @Test
  void useNeverGoesBackWithTheClock() {
    catalog.link(ALPINE, LAYER, BLOB, 1, null, linked);
    clock.advance(Duration.ofDays(-1));
    catalog.use(ALPINE, LAYER, BLOB);

    catalog.flush();

    assertThat(lastUsed(ALPINE, LAYER)).isEqualTo(linked);
  }

  @Test
  void usesSurviveAFlushThatFails() {
    catalog.link(ALPINE, LAYER, BLOB, 1, null, linked);
    clock.advance(Duration.ofHours(1));
    catalog.use(ALPINE, LAYER, BLOB);
    dataSource.goDown();
    assertThatThrownBy(() -> catalog.flush())
        .isInstanceOf(DatabaseException.class)
        .hasMessage("writing down the use of 1 links failed: the database is down");
    dataSource.comeBack();

    catalog.flush();

    assertThat(lastUsed(ALPINE, LAYER)).isEqualTo(clock.instant());
  }

  @Test
  void useOfAnIndexIsUseOfItsManifestsAndTheirLayers() {
    Manifest image = manifest("image", LAYER);
    Manifest index = manifest("index", image.digest(), digest("of another platform"));
    catalog.link(ALPINE, LAYER, BLOB, 1, null, linked);
    catalog.linkManifest(ALPINE, image, linked);
    catalog.linkManifest(ALPINE, index, linked);
    catalog.link(OTHER, LAYER, BLOB, 1, null, linked);
    clock.advance(Duration.ofDays(1));
    catalog.use(ALPINE, index.digest(), MANIFEST);

    catalog.flush();

    assertThat(lastUsed(ALPINE, index.digest())).isEqualTo(clock.instant());
    assertThat(lastUsed(ALPINE, image.digest())).isEqualTo(clock.instant());
    assertThat(lastUsed(ALPINE, LAYER)).isEqualTo(clock.instant());
    assertThat(lastUsed(OTHER, LAYER)).isEqualTo(linked);
  }

  @Test
  void useOfOneImageLeavesTheOthersOfItsIndex() {
    Manifest used = manifest("amd64", LAYER);
    Manifest unused = manifest("arm64", digest("another layer"));
    catalog.linkManifest(ALPINE, used, linked);
    catalog.linkManifest(ALPINE, unused, linked);
    catalog.linkManifest(ALPINE, manifest("index", used.digest(), unused.digest()), linked);
    clock.advance(Duration.ofDays(1));
    catalog.use(ALPINE, used.digest(), MANIFEST);

    catalog.flush();

    assertThat(lastUsed(ALPINE, unused.digest())).isEqualTo(linked);
  }

  @Test
  void manifestThatListsOneDigestTwiceIsLinked() {
    Manifest manifest = manifest("twice", LAYER, LAYER);

    catalog.linkManifest(ALPINE, manifest, linked);
    catalog.linkManifest(OTHER, manifest, linked);

    assertThat(catalog.findLink(ALPINE, manifest.digest(), MANIFEST))
        .map(Link::mediaType)
        .contains(OCI_MANIFEST);
    assertThat(catalog.links(manifest.digest())).hasSize(2);
  }

  @Test
  void useBeyondTheBoundGoesUnnoted() {
    LinkKey first = new LinkKey(ALPINE, digest("1"), BLOB);
    Allowance forTwo = new Allowance(2L * first.weight());
    UseLog log = new UseLog(new Database(dataSource), forTwo);
    LinkKey second = new LinkKey(ALPINE, digest("2"), BLOB);
    log.note(first, 10);
    log.note(second, 10);
    log.note(new LinkKey(ALPINE, digest("3"), BLOB), 10);
    log.note(first, 20);

    assertThat(log.drain()).containsOnlyKeys(first, second).containsEntry(first, 20L);
    assertThat(log.drain()).isEmpty();
    assertThat(forTwo.used()).isZero();
  }

  private Instant lastUsed(RepositoryName repository, Digest digest) {
    return catalog.links(digest).stream()
        .filter(link -> link.repository().equals(repository))
        .map(Link::lastUsed)
        .findFirst()
        .orElseThrow();
  }

  private static Manifest manifest(String name, Digest... children) {
    List<Descriptor> descriptors =
        Stream.of(children).map(child -> new Descriptor("", child, 1)).toList();
    return new Manifest(
        digest(name), OCI_MANIFEST, name.getBytes(UTF_8), descriptors, null, null, null);
  }
}
