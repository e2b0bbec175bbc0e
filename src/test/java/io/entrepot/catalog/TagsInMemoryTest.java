package io.entrepot.catalog;

import static io.entrepot.catalog.LinkKind.MANIFEST;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.database.DatabaseException;
import io.entrepot.database.FaultyDataSource;
import io.entrepot.database.TestDatabase;
import io.entrepot.fixture.TestClock;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tags are answered from memory until something changes. */
class TagsInMemoryTest {
  private static final RepositoryName ALPINE = RepositoryName.of("library/alpine");
  private static final RepositoryName OTHER = RepositoryName.of("library/other");
  private static final Tag LATEST = Tag.parse("latest");
  private static final Digest OLD = digest("old");
  private static final Digest NEW = digest("new");

  @TempDir Path folder;
  private final TestClock clock = new TestClock();
  private TestDatabase database;
  private FaultyDataSource dataSource;
  private Catalog catalog;

  @BeforeEach
  void open() throws Exception {
    database = TestDatabase.open(folder);
    dataSource = new FaultyDataSource(database.dataSource());
    catalog = new Catalog(dataSource, clock);
  }

  @AfterEach
  void close() throws Exception {
    database.close();
  }

  private static Digest digest(String bytes) {
    return Digest.ofBytes(Digest.Algorithm.SHA256, bytes.getBytes(UTF_8));
  }

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
