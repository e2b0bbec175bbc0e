package io.entrepot.expiry;

import static io.entrepot.catalog.LinkKind.BLOB;
import static io.entrepot.catalog.LinkKind.MANIFEST;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.catalog.Link;
import io.entrepot.catalog.RepositoryRange;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which images go to make room, and what a crash or a client in the middle of that leaves (F3). */
class ImageRemoverTest extends RemoverFixture {
  private final Digest oldLayer = digest("old layer");
  private final Digest newLayer = digest("new layer");
  private final Digest shared = digest("shared layer");

  /** One upstream loses its oldest image; what another one has too stays with that (F3). */
  @Test
  void roomIsMadeInTheRepositoriesOfOneUpstream() throws Exception {
    Manifest elsewhere = put("elsewhere", newLayer);
    RepositoryName other = RepositoryName.of("other/app");
    clock.advance(Duration.ofSeconds(1));
    disk.blobs.addAll(List.of(oldLayer, shared));
    catalog.link(other, oldLayer, BLOB, SIZE, null, clock.instant());
    catalog.link(other, shared, BLOB, SIZE, null, clock.instant());
    catalog.link(APP, shared, BLOB, SIZE, null, clock.instant());
    RepositoryRange range = RepositoryRange.ofUpstream("other");
    assertThat(catalog.images().bytes(range)).isEqualTo(2 * SIZE);

    assertThat(remover.makeRoom(2 * SIZE, range)).isEqualTo(2 * SIZE);

    assertThat(catalog.images().bytes(range)).isZero();
    assertThat(disk.blobs).containsExactlyInAnyOrder(elsewhere.digest(), newLayer, shared);
    assertThat(catalog.links(shared)).extracting(Link::repository).containsExactly(APP);
    assertThat(remover.makeRoom(1, range)).as("nothing is left").isZero();
  }

  @Test
  void imageThatWasNotUsedForLongestGoesAsAWhole() throws Exception {
    Manifest old = put("old", oldLayer, shared);
    Manifest recent = put("recent", newLayer, shared);
    tag("1", old);
    tag("2", recent);

    long freed = remover.makeRoom(1);

    assertThat(freed).isEqualTo(SIZE + old.bytes().length);
    assertThat(disk.blobs).containsExactlyInAnyOrder(recent.digest(), newLayer, shared);
    assertThat(catalog.blobs().find(oldLayer)).isEmpty();
    assertThat(catalog.tags().find(APP, new Tag("1"))).isEmpty();
    assertThat(catalog.tags().find(APP, new Tag("2"))).isPresent();
    assertThat(leases.find(oldLayer)).isEmpty();
    assertThat(remover.removed()).isEqualTo(new ImageRemover.Removed(1, freed, 0));
  }

  @Test
  void noMoreGoesThanIsNeeded() throws Exception {
    for (int i = 0; i < 5; i++) {
      put("image " + i, digest("layer " + i));
    }

    remover.makeRoom(2 * SIZE + 1);

    assertThat(disk.blobs)
        .containsExactlyInAnyOrder(
            digest("image 2"),
            digest("layer 2"),
            digest("image 3"),
            digest("layer 3"),
            digest("image 4"),
            digest("layer 4"));
  }

  @Test
  void imageStaysAsLongAsItsLayerOrItsManifestIsUsed() throws Exception {
    Manifest byLayer = put("used by its layer", oldLayer);
    Manifest platform = put("platform", shared);
    Manifest index = putIndex("used by its platform", platform.digest());
    put("unused", newLayer);
    clock.advance(Duration.ofSeconds(1));
    catalog.use(APP, oldLayer, BLOB);
    catalog.use(APP, platform.digest(), MANIFEST);

    remover.makeRoom(1);

    assertThat(disk.blobs)
        .containsExactlyInAnyOrder(
            byLayer.digest(), oldLayer, index.digest(), platform.digest(), shared);
  }

  /** Its layers were used a moment after it, as those of all images that were pulled. */
  @Test
  void imageThatHasJustComeIsNotOlderThanThoseWhoseLayersWereUsedLater() throws Exception {
    Manifest old = put("old", oldLayer);
    clock.advance(Duration.ofSeconds(1));
    catalog.use(APP, oldLayer, BLOB);
    Manifest recent = put("recent");

    remover.makeRoom(1);

    assertThat(disk.blobs).containsExactly(recent.digest()).doesNotContain(old.digest());
  }

  @Test
  void signatureStaysWithItsImageAndGoesWithIt() throws Exception {
    Manifest image = put("image", oldLayer);
    putReferrer("signature", image.digest(), digest("payload"));
    put("other", newLayer);
    clock.advance(Duration.ofSeconds(1));
    catalog.use(APP, image.digest(), MANIFEST);

    remover.makeRoom(1);
    assertThat(disk.blobs).doesNotContain(newLayer).contains(digest("payload"), oldLayer);
    remover.makeRoom(1);
    assertThat(disk.blobs).isEmpty();
  }

  /** An upstream can make images that refer to each other in a circle. */
  @Test
  void imagesThatReferToEachOtherGo() throws Exception {
    Manifest one = put("one", oldLayer);
    Manifest other = put("other", newLayer);
    putReferrer("a", one.digest(), one.digest(), other.digest());
    putReferrer("b", other.digest(), one.digest(), other.digest());

    remover.makeRoom(Long.MAX_VALUE);
    assertThat(disk.blobs).isNotEmpty();
    remover.makeRoom(Long.MAX_VALUE);

    assertThat(disk.blobs).isEmpty();
  }

  @Test
  void pinnedImageStays() throws Exception {
    Manifest platform = put("platform", oldLayer);
    Manifest pinned = putIndex("pinned", platform.digest());
    tag("pinned-1", pinned);
    put("other", newLayer);

    assertThat(remover.makeRoom(Long.MAX_VALUE)).isPositive();
    assertThat(remover.makeRoom(Long.MAX_VALUE)).isZero();

    assertThat(disk.blobs).containsExactlyInAnyOrder(pinned.digest(), platform.digest(), oldLayer);
    assertThat(catalog.tags().find(APP, new Tag("pinned-1"))).isPresent();
  }

  @Test
  void whatIsFilledOrReadStaysWithItsImage() throws Exception {
    Manifest awaiting = put("awaits a layer", oldLayer);
    filling.add(digest("on its way"));
    catalog.linkManifest(
        APP,
        new Manifest(
            digest("awaits another"),
            awaiting.mediaType(),
            new byte[10],
            List.of(new Descriptor("", oldLayer, 1), new Descriptor("", digest("on its way"), 1)),
            null,
            null,
            null),
        clock.instant());
    Manifest beingRead = put("is read", newLayer);
    read.add(newLayer);

    remover.makeRoom(Long.MAX_VALUE);

    assertThat(disk.blobs).containsExactlyInAnyOrder(oldLayer, beingRead.digest(), newLayer);
    assertThat(catalog.findLink(APP, digest("awaits another"), MANIFEST)).isPresent();
  }

  @Test
  void blobWhoseManifestIsNotKnownCountsByItself() throws Exception {
    put("image", newLayer);
    catalog.blobs().adopt(oldLayer, SIZE, clock.instant());
    disk.blobs.add(oldLayer);

    assertThat(remover.makeRoom(1)).isEqualTo(SIZE);

    assertThat(disk.blobs).containsExactlyInAnyOrder(digest("image"), newLayer);
  }

  @Test
  void filesGoAMomentAfterTheLinks() throws Exception {
    put("old", oldLayer);
    meanwhile =
        () -> {
          assertThat(catalog.links(oldLayer)).isEmpty();
          assertThat(disk.blobs).contains(oldLayer);
          assertThat(remover.removed().waiting()).isEqualTo(SIZE + 3);
        };

    remover.makeRoom(1);

    assertThat(waits).containsExactly(Duration.ofSeconds(5));
    assertThat(disk.blobs).isEmpty();
  }

  @Test
  void fileThatIsUsedOrReadAtThatMomentGoesAfterTheGrace() throws Exception {
    Manifest old = put("old", oldLayer, newLayer);
    meanwhile =
        () -> {
          clock.advance(Duration.ofSeconds(1));
          catalog.use(APP, oldLayer, BLOB);
          read.add(newLayer);
        };

    assertThat(remover.makeRoom(1)).isEqualTo(old.bytes().length);

    assertThat(disk.blobs).containsExactlyInAnyOrder(oldLayer, newLayer);
    assertThat(leases.expiries)
        .containsOnlyKeys(oldLayer, newLayer)
        .containsEntry(oldLayer, clock.instant().plus(GRACE));
  }

  @Test
  void blobThatIsLinkedAnewAtThatMomentStays() throws Exception {
    put("old", oldLayer);
    meanwhile = () -> catalog.link(APP, oldLayer, BLOB, SIZE, null, clock.instant());

    remover.makeRoom(1);

    assertThat(disk.blobs).containsExactly(oldLayer);
    assertThat(catalog.findLink(APP, oldLayer, BLOB)).isPresent();
  }

  @Test
  void whatACrashInTheMiddleLeavesGoesFirst() throws Exception {
    put("old", oldLayer);
    put("recent", newLayer);
    meanwhile =
        () -> {
          throw new IllegalStateException("killed");
        };
    assertThatThrownBy(() -> remover.makeRoom(1)).hasMessage("killed");
    assertThat(disk.blobs).contains(oldLayer);
    meanwhile = () -> {};

    assertThat(newRemover().makeRoom(1)).isEqualTo(SIZE + 3);

    assertThat(disk.blobs).containsExactlyInAnyOrder(digest("recent"), newLayer);
  }
}
