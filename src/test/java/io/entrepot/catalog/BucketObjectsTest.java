package io.entrepot.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class BucketObjectsTest extends CatalogFixture {
  private static final BucketObject FIRST = new BucketObject(LAYER, "aa", 5);
  private static final BucketObject SECOND = new BucketObject(LAYER, "bb", 5);
  private static final BucketObject OTHER = new BucketObject(digest("other"), "cc", 7);

  @Test
  void objectWaitsForItsNodeUntilItIsStored() {
    BucketObjects objects = catalog.objects();
    assertThat(objects.backlog("node-1")).isEqualTo(new BucketObjects.Backlog(0, 0, null, 0));
    assertThat(objects.await(OTHER, "node-1")).isTrue();
    clock.advance(Duration.ofSeconds(1));
    assertThat(objects.await(FIRST, "node-1")).isTrue();
    assertThat(objects.awaited("node-1", 10)).containsExactly(OTHER, FIRST); // the oldest first
    assertThat(objects.awaited("node-1", 1)).containsExactly(OTHER);
    assertThat(objects.backlog("node-1"))
        .isEqualTo(
            new BucketObjects.Backlog(
                2, FIRST.size() + OTHER.size(), clock.instant().minusSeconds(1), 2));
    assertThat(objects.backlog("node-2").own()).isZero();
    assertThat(objects.bytes()).isEqualTo(FIRST.size() + OTHER.size());
    assertThat(objects.awaited("node-2", 10)).isEmpty();
    assertThat(objects.findStored(LAYER)).isEmpty();
    assertThat(objects.stored(FIRST)).isTrue();
    assertThat(objects.findStored(LAYER)).contains(FIRST);
    assertThat(objects.awaited("node-1", 10)).containsExactly(OTHER);
    assertThat(objects.of(List.of(LAYER, OTHER.digest(), digest("absent"))))
        .containsExactly(FIRST, OTHER);
  }

  @Test
  void digestHasOneObjectUntilThatIsForgotten() {
    BucketObjects objects = catalog.objects();
    assertThat(objects.await(FIRST, "node-1")).isTrue();
    assertThat(objects.await(SECOND, "node-2")).isFalse();
    assertThat(objects.forget(LAYER)).contains(FIRST);
    assertThat(objects.forget(LAYER)).isEmpty();
    assertThat(objects.await(SECOND, "node-2")).isTrue();
  }

  @Test
  void latePutOrRemovalOfAnEarlierGenerationChangesNothing() {
    BucketObjects objects = catalog.objects();
    assertThat(objects.await(SECOND, "node-1")).isTrue();
    assertThat(objects.stored(FIRST)).isFalse();
    assertThat(objects.findStored(LAYER)).isEmpty();
    objects.forget(FIRST);
    assertThat(objects.of(List.of(LAYER))).containsExactly(SECOND);
  }

  @Test
  void blobsWithoutAnObjectAndUsesOfThoseWithOneAreTold() {
    BucketObjects objects = catalog.objects();
    catalog.link(ALPINE, LAYER, LinkKind.BLOB, 5, null, clock.instant());
    catalog.link(ALPINE, OTHER.digest(), LinkKind.BLOB, 7, null, clock.instant());
    assertThat(objects.await(FIRST, "node-1")).isTrue();
    assertThat(objects.without(List.of(LAYER, OTHER.digest(), digest("unknown"))))
        .extracting(BlobEntry::digest)
        .containsExactly(OTHER.digest());
    assertThat(objects.uses(List.of(LAYER, OTHER.digest()))).isEmpty(); // none is stored
    assertThat(objects.stored(FIRST)).isTrue();
    assertThat(objects.uses(List.of(LAYER, OTHER.digest())))
        .containsExactly(new BucketObjects.Used(FIRST, clock.millis()));
  }
}
