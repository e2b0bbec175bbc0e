package io.entrepot.catalog;

import static io.entrepot.catalog.LinkKind.MANIFEST;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.database.Changes;
import io.entrepot.database.DatabaseException;
import io.entrepot.database.Knowledge;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Tags are answered from memory until something changes. */
class TagsInMemoryTest extends CatalogFixture {
  private static final Digest OLD = digest("old");
  private static final Digest NEW = digest("new");

  private void put(RepositoryName repository, Digest digest) {
    catalog.tags().put(new TagEntry(repository, LATEST, digest, clock.instant()));
  }

  private void putAndRemember(RepositoryName repository, Digest digest) {
    put(repository, digest);
    assertThat(catalog.tags().find(repository, LATEST)).isPresent();
  }

  @Test
  void secondLookupAsksNoDatabase() {
    putAndRemember(ALPINE, OLD);
    int before = dataSource.asked();

    assertThat(catalog.tags().find(ALPINE, LATEST)).map(TagEntry::digest).contains(OLD);

    assertThat(dataSource.asked()).isEqualTo(before);
  }

  @Test
  void tagThatWasJustPutIsAnsweredFromMemory() {
    TagEntry entry =
        new TagEntry(
            ALPINE,
            LATEST,
            OLD,
            clock.instant().plusNanos(1_500_000),
            Duration.ofNanos(2_500_000),
            Deviation.COOLED);
    catalog.tags().put(entry);
    int before = dataSource.asked();

    Optional<TagEntry> remembered = catalog.tags().inMemory(ALPINE, LATEST);

    assertThat(catalog.tags().find(ALPINE, LATEST)).isPresent().isEqualTo(remembered);
    assertThat(dataSource.asked()).isEqualTo(before);
    forgetMemory();
    assertThat(catalog.tags().find(ALPINE, LATEST)).isEqualTo(remembered);
  }

  @Test
  void memoryAloneAsksNoDatabase() {
    put(ALPINE, OLD);
    forgetMemory();
    int before = dataSource.asked();

    assertThat(catalog.tags().inMemory(ALPINE, LATEST)).isEmpty();

    assertThat(dataSource.asked()).isEqualTo(before);
  }

  /** Of a node that has not heard from the others for a while. */
  @Test
  void memoryThatIsNotCurrentIsAskedAgainAndCountsInAnOutageOnly() {
    AtomicBoolean current = new AtomicBoolean(true);
    AtomicBoolean counts = new AtomicBoolean(true);
    Knowledge knowledge =
        new Knowledge() {
          @Override
          public boolean isCurrent() {
            return current.get();
          }

          @Override
          public boolean countsInOutage() {
            return counts.get();
          }
        };
    catalog =
        new Catalog(dataSource, MemoryBudget.ofHeap(), new Others(Changes.NONE, knowledge), clock);
    putAndRemember(ALPINE, OLD);
    Catalog other = new Catalog(dataSource, MemoryBudget.ofHeap(), clock);
    other.tags().put(new TagEntry(ALPINE, LATEST, NEW, clock.instant()));
    assertThat(catalog.tags().find(ALPINE, LATEST)).map(TagEntry::digest).contains(OLD);

    current.set(false);

    assertThat(catalog.tags().inMemory(ALPINE, LATEST)).isEmpty();
    assertThat(catalog.tags().find(ALPINE, LATEST)).map(TagEntry::digest).contains(NEW);
    dataSource.goDown();
    assertThat(catalog.tags().find(ALPINE, LATEST)).map(TagEntry::digest).contains(NEW);
    counts.set(false);
    assertThatThrownBy(() -> catalog.tags().find(ALPINE, LATEST))
        .isInstanceOf(DatabaseException.class);
  }

  @Test
  void absenceIsAskedAgain() {
    assertThat(catalog.tags().find(ALPINE, LATEST)).isEmpty();

    put(ALPINE, OLD);

    assertThat(catalog.tags().find(ALPINE, LATEST)).isPresent();
  }

  @Test
  void movedTagIsNotAnsweredFromBefore() {
    putAndRemember(ALPINE, OLD);

    put(ALPINE, NEW);

    assertThat(catalog.tags().find(ALPINE, LATEST)).map(TagEntry::digest).contains(NEW);
  }

  @Test
  void moveThatFailedAsksTheDatabaseAgain() {
    putAndRemember(ALPINE, OLD);
    dataSource.goDown();
    assertThatThrownBy(() -> put(ALPINE, NEW)).isInstanceOf(DatabaseException.class);

    assertThatThrownBy(() -> catalog.tags().find(ALPINE, LATEST))
        .isInstanceOf(DatabaseException.class);
    dataSource.comeBack();
    assertThat(catalog.tags().find(ALPINE, LATEST)).map(TagEntry::digest).contains(OLD);
  }

  @Test
  void forgottenTagIsGoneAlsoFromMemory() {
    putAndRemember(ALPINE, OLD);

    catalog.tags().forget(ALPINE, LATEST);

    assertThat(catalog.tags().find(ALPINE, LATEST)).isEmpty();
  }

  @Test
  void tagOfAnUnlinkedManifestIsGoneAlsoFromMemory() {
    catalog.link(ALPINE, OLD, MANIFEST, 1, null, clock.instant());
    putAndRemember(ALPINE, OLD);
    putAndRemember(OTHER, OLD);

    assertThat(catalog.unlink(catalog.findLink(ALPINE, OLD, MANIFEST).orElseThrow())).isTrue();

    assertThat(catalog.tags().find(ALPINE, LATEST)).isEmpty();
    assertThat(catalog.tags().find(OTHER, LATEST)).isPresent();
  }

  @Test
  void tagsOfAForgottenBlobAreGoneAlsoFromMemory() {
    putAndRemember(ALPINE, OLD);
    putAndRemember(OTHER, OLD);

    assertThat(catalog.forget(OLD)).isTrue();

    assertThat(catalog.tags().find(ALPINE, LATEST)).isEmpty();
    assertThat(catalog.tags().find(OTHER, LATEST)).isEmpty();
  }

  @Test
  void lookupThatBeganBeforeAMoveLeavesNothingInMemory() throws Exception {
    put(ALPINE, OLD);
    forgetMemory();
    CountDownLatch lookingUp = new CountDownLatch(1);
    CountDownLatch moved = new CountDownLatch(1);
    ExecutorService other = Executors.newSingleThreadExecutor();
    try {
      dataSource.before(
          () -> {
            dataSource.before(() -> {});
            lookingUp.countDown();
            awaitBriefly(moved);
          });
      Future<?> lookup = other.submit(() -> catalog.tags().find(ALPINE, LATEST));
      lookingUp.await();

      put(ALPINE, NEW);
      moved.countDown();
      lookup.get(60, TimeUnit.SECONDS);

      assertThat(catalog.tags().find(ALPINE, LATEST)).map(TagEntry::digest).contains(NEW);
    } finally {
      other.shutdownNow();
    }
  }

  /** The move itself waits for the lookup, so this cannot wait for its end. */
  private static void awaitBriefly(CountDownLatch latch) {
    try {
      boolean unused = latch.await(200, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
