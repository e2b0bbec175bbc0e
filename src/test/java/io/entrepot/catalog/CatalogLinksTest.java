package io.entrepot.catalog;

import static io.entrepot.catalog.LinkKind.BLOB;
import static io.entrepot.catalog.LinkKind.MANIFEST;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.database.DatabaseException;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CatalogLinksTest extends CatalogFixture {
  private static final RepositoryName PRIVATE = RepositoryName.of("team/private");

  @Test
  void linkIsFoundAsItWasMade() {
    catalog.link(ALPINE, LAYER, MANIFEST, 1234, OCI_MANIFEST, clock.instant());

    assertThat(catalog.findLink(ALPINE, LAYER, MANIFEST))
        .contains(
            new Link(
                new LinkKey(ALPINE, LAYER, MANIFEST),
                1234,
                OCI_MANIFEST,
                clock.instant(),
                clock.instant(),
                clock.instant()));
  }

  @Test
  void linkOutlivesARestart() throws Exception {
    catalog.link(ALPINE, LAYER, BLOB, 1234, null, clock.instant());
    catalog.close();
    database.close();
    open();

    assertThat(catalog.findLink(ALPINE, LAYER, BLOB))
        .contains(
            new Link(
                new LinkKey(ALPINE, LAYER, BLOB),
                1234,
                null,
                clock.instant(),
                clock.instant(),
                clock.instant()));
  }

  @Test
  void linkOfOneRepositoryIsNoneOfAnother() {
    catalog.link(PRIVATE, LAYER, BLOB, 1, null, clock.instant());

    assertThat(catalog.findLink(ALPINE, LAYER, BLOB)).isEmpty();
  }

  /** Names that begin alike, and whose next character sorts before or after the slash. */
  @Test
  void linkOfOneUpstreamIsNoneOfAnother() {
    for (String other :
        List.of("lab.example/a", "lab-2/a", "lab0/a", "lab_5/a", "la/b", "a/lab/a")) {
      catalog.link(RepositoryName.of(other), LAYER, BLOB, 1, null, clock.instant());
    }
    assertThat(catalog.isLinkedBy("lab", LAYER)).isFalse();
    assertThat(catalog.isLinkedBy("lab-2", LAYER)).isTrue();

    catalog.link(RepositoryName.of("lab/a/b"), LAYER, MANIFEST, 1, OCI_MANIFEST, clock.instant());
    assertThat(catalog.isLinkedBy("lab", LAYER)).isTrue();
  }

  @Test
  void linkAsABlobIsNoneAsAManifest() {
    catalog.link(ALPINE, LAYER, BLOB, 1, null, clock.instant());

    assertThat(catalog.findLink(ALPINE, LAYER, MANIFEST)).isEmpty();
  }

  @Test
  void linkingAgainRenewsTheTimesAndKeepsTheMediaType() {
    catalog.link(ALPINE, LAYER, BLOB, 1, OCI_MANIFEST, clock.instant());
    assertThat(catalog.findLink(ALPINE, LAYER, BLOB)).isPresent();
    Instant later = clock.instant().plusSeconds(60);

    catalog.link(ALPINE, LAYER, BLOB, 1, null, later);

    assertThat(catalog.findLink(ALPINE, LAYER, BLOB))
        .contains(
            new Link(
                new LinkKey(ALPINE, LAYER, BLOB), 1, OCI_MANIFEST, later, later, clock.instant()));
  }

  @Test
  void repeatedHitAsksNoDatabase() {
    catalog.link(ALPINE, LAYER, BLOB, 1, null, clock.instant());
    assertThat(catalog.findLink(ALPINE, LAYER, BLOB)).isPresent();
    int before = dataSource.asked();

    for (int i = 0; i < 100; i++) {
      assertThat(catalog.findLink(ALPINE, LAYER, BLOB)).isPresent();
      catalog.use(ALPINE, LAYER, BLOB);
    }

    assertThat(dataSource.asked()).isEqualTo(before);
  }

  @Test
  void linkThatWasJustMadeIsAnsweredFromMemory() {
    catalog.link(ALPINE, LAYER, MANIFEST, 1234, OCI_MANIFEST, clock.instant());
    Link stored = catalog.links(LAYER).get(0);
    int before = dataSource.asked();

    assertThat(catalog.linkInMemory(ALPINE, LAYER, MANIFEST)).contains(stored);
    assertThat(catalog.findLink(ALPINE, LAYER, MANIFEST)).contains(stored);

    assertThat(dataSource.asked()).isEqualTo(before);
  }

  @Test
  void memoryAloneAsksNoDatabase() {
    catalog.link(ALPINE, LAYER, BLOB, 1, null, clock.instant());
    forgetMemory();
    int before = dataSource.asked();

    assertThat(catalog.linkInMemory(ALPINE, LAYER, BLOB)).isEmpty();

    assertThat(dataSource.asked()).isEqualTo(before);
    assertThat(catalog.findLink(ALPINE, LAYER, BLOB)).isPresent();
    assertThat(catalog.linkInMemory(ALPINE, LAYER, BLOB)).isPresent();
  }

  @Test
  void renewalThatFailedAsksTheDatabaseAgain() {
    catalog.link(ALPINE, LAYER, BLOB, 1, null, clock.instant());
    dataSource.goDown();
    Instant later = clock.instant().plusSeconds(60);
    assertThatThrownBy(() -> catalog.link(ALPINE, LAYER, BLOB, 1, null, later))
        .isInstanceOf(DatabaseException.class);

    assertThat(catalog.linkInMemory(ALPINE, LAYER, BLOB)).isEmpty();
    dataSource.comeBack();
    assertThat(catalog.findLink(ALPINE, LAYER, BLOB))
        .map(Link::fetchedAt)
        .contains(clock.instant());
  }

  @Test
  void verifiedLinkStaysInMemoryWithItsNewTime() {
    catalog.link(ALPINE, LAYER, BLOB, 1, null, clock.instant());
    clock.advance(Duration.ofHours(1));

    catalog.blobs().verified(List.of(LAYER), clock.instant());

    assertThat(catalog.linkInMemory(ALPINE, LAYER, BLOB))
        .isEqualTo(catalog.links(LAYER).stream().findFirst())
        .map(Link::verifiedAt)
        .contains(clock.instant());
  }

  @Test
  void memoryAgreesWithTheDatabaseAfterManyChangesAtOnce() throws Exception {
    int clients = 4;
    ExecutorService executor = Executors.newFixedThreadPool(clients);
    try {
      List<Future<?>> changes = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        int client = i;
        changes.add(executor.submit(() -> changeAgainAndAgain(client)));
      }
      for (Future<?> change : changes) {
        change.get(60, TimeUnit.SECONDS);
      }
    } finally {
      executor.shutdownNow();
    }
    Optional<Link> remembered = catalog.linkInMemory(ALPINE, LAYER, BLOB);
    Optional<TagEntry> tagged = catalog.tags().inMemory(ALPINE, LATEST);
    forgetMemory();
    assertThat(remembered).isEqualTo(catalog.findLink(ALPINE, LAYER, BLOB));
    assertThat(tagged).isEqualTo(catalog.tags().find(ALPINE, LATEST));
  }

  private void changeAgainAndAgain(int client) {
    for (int i = 0; i < 25; i++) {
      Instant at = clock.instant().plusMillis(100L * client + i);
      catalog.link(ALPINE, LAYER, BLOB, 1, null, at);
      catalog.tags().put(new TagEntry(ALPINE, LATEST, LAYER, at));
    }
  }

  @Test
  void absenceIsAskedAgain() {
    assertThat(catalog.findLink(ALPINE, LAYER, BLOB)).isEmpty();

    catalog.link(ALPINE, LAYER, BLOB, 1, null, clock.instant());

    assertThat(catalog.findLink(ALPINE, LAYER, BLOB)).isPresent();
  }

  @Test
  void failedLookupIsNotAbsence() {
    dataSource.goDown();

    assertThatThrownBy(() -> catalog.findLink(ALPINE, LAYER, BLOB))
        .isInstanceOf(DatabaseException.class)
        .hasMessage(
            "finding the link library/alpine@%s (BLOB) failed: the database is down", LAYER);
    assertThatThrownBy(() -> catalog.tags().find(ALPINE, Tag.parse("latest")))
        .isInstanceOf(DatabaseException.class)
        .hasMessage("finding the tag library/alpine:latest failed: the database is down");
    assertThatThrownBy(() -> catalog.links(LAYER)).isInstanceOf(DatabaseException.class);
  }

  @Test
  void unlinkedDigestIsGoneAlsoFromMemory() {
    catalog.link(ALPINE, LAYER, BLOB, 1, null, clock.instant());
    catalog.link(PRIVATE, LAYER, BLOB, 1, null, clock.instant());
    Link link = catalog.findLink(ALPINE, LAYER, BLOB).orElseThrow();

    assertThat(catalog.unlink(link)).isTrue();

    assertThat(catalog.findLink(ALPINE, LAYER, BLOB)).isEmpty();
    assertThat(catalog.links(LAYER)).extracting(Link::repository).containsExactly(PRIVATE);
  }

  @Test
  void linkRenewedSinceItWasReadStays() {
    catalog.link(ALPINE, LAYER, BLOB, 1, null, clock.instant());
    Link read = catalog.links(LAYER).get(0);
    catalog.link(ALPINE, LAYER, BLOB, 1, null, clock.instant().plusSeconds(1));

    assertThat(catalog.unlink(read)).isFalse();

    assertThat(catalog.findLink(ALPINE, LAYER, BLOB)).isPresent();
  }

  @Test
  void linkUsedSinceItWasReadStays() {
    catalog.link(ALPINE, LAYER, BLOB, 1, null, clock.instant());
    Link read = catalog.links(LAYER).get(0);
    clock.advance(Duration.ofSeconds(1));
    catalog.use(ALPINE, LAYER, BLOB);
    catalog.flush();

    assertThat(catalog.unlink(read)).isFalse();

    assertThat(catalog.findLink(ALPINE, LAYER, BLOB)).isPresent();
  }

  @Test
  void lookupThatBeganBeforeAnUnlinkLeavesNothingInMemory() throws Exception {
    catalog.link(ALPINE, LAYER, BLOB, 1, null, clock.instant());
    Link link = catalog.links(LAYER).get(0);
    forgetMemory();
    CountDownLatch lookingUp = new CountDownLatch(1);
    CountDownLatch unlinked = new CountDownLatch(1);
    ExecutorService other = Executors.newSingleThreadExecutor();
    try {
      dataSource.before(
          () -> {
            dataSource.before(() -> {});
            lookingUp.countDown();
            awaitBriefly(unlinked);
          });
      Future<?> lookup = other.submit(() -> catalog.findLink(ALPINE, LAYER, BLOB));
      lookingUp.await();

      assertThat(catalog.unlink(link)).isTrue();
      unlinked.countDown();
      lookup.get(60, TimeUnit.SECONDS);

      assertThat(catalog.findLink(ALPINE, LAYER, BLOB)).isEmpty();
    } finally {
      other.shutdownNow();
    }
  }

  /** The unlink itself waits for the lookup, so this cannot wait for its end. */
  private static void awaitBriefly(CountDownLatch latch) {
    try {
      boolean unused = latch.await(200, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void manyRepositoriesLinkOneNewDigestAtOnce() throws Exception {
    int clients = 8;
    ExecutorService executor = Executors.newFixedThreadPool(clients);
    CountDownLatch go = new CountDownLatch(1);
    try {
      List<Future<?>> links = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        RepositoryName repository = RepositoryName.of("team/r" + i % 4);
        links.add(
            executor.submit(
                () -> {
                  go.await();
                  catalog.link(repository, LAYER, BLOB, 1, null, clock.instant());
                  return true;
                }));
      }
      go.countDown();
      for (Future<?> link : links) {
        link.get(60, TimeUnit.SECONDS);
      }
    } finally {
      executor.shutdownNow();
    }
    assertThat(catalog.links(LAYER)).hasSize(4);
  }
}
