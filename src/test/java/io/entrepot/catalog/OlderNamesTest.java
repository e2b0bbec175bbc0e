package io.entrepot.catalog;

import static io.entrepot.catalog.LinkKind.MANIFEST;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Digest;
import io.entrepot.oci.Page;
import io.entrepot.oci.RepositoryName;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A database in which repositories have no upstream's name in front yet. */
class OlderNamesTest extends CatalogFixture {
  private static final Digest IMAGE = digest("image");
  private static final RepositoryName CLEAR = RepositoryName.of("library/alpine");
  private static final RepositoryName UNCLEAR = RepositoryName.of("lab/app");
  private static final RepositoryName NAMED = RepositoryName.of("docker.io/library/alpine");

  @BeforeEach
  void store() throws Exception {
    for (RepositoryName repository : new RepositoryName[] {CLEAR, UNCLEAR}) {
      catalog.link(repository, IMAGE, MANIFEST, 9, OCI_MANIFEST, clock.instant());
      catalog.tags().put(new TagEntry(repository, LATEST, IMAGE, clock.instant()));
    }
    database.execute("DELETE FROM schema_version WHERE component = 'catalog' AND version >= 5");
    database.close();
    open();
  }

  private static Optional<RepositoryName> successor(RepositoryName older) {
    return older.equals(CLEAR) ? Optional.of(NAMED) : Optional.empty();
  }

  @Test
  void nothingIsServedUnderTheOldNameOrBeforeTheNewOneIsKnown() {
    for (RepositoryName name : new RepositoryName[] {CLEAR, UNCLEAR, NAMED}) {
      assertThat(catalog.findLink(name, IMAGE, MANIFEST)).isEmpty();
      assertThat(catalog.tags().find(name, LATEST)).isEmpty();
    }
  }

  @Test
  void clearNamesKeepWhatTheyHaveAndOthersLoseIt() {
    assertThat(catalog.renameOlder(OlderNamesTest::successor)).isOne();
    assertThat(catalog.findLink(NAMED, IMAGE, MANIFEST)).isPresent();
    assertThat(catalog.tags().find(NAMED, LATEST).orElseThrow().digest()).isEqualTo(IMAGE);
    assertThat(catalog.tags().history(NAMED, LATEST)).hasSize(1);
    assertThat(catalog.tags().list(UNCLEAR, Page.ALL)).isEmpty();
    assertThat(catalog.links(IMAGE)).hasSize(1);
    assertThat(catalog.blobs().find(IMAGE)).isPresent();
  }

  @Test
  void namesOfTheNewKindAreNotChangedAgain() {
    catalog.renameOlder(OlderNamesTest::successor);
    assertThat(catalog.renameOlder(older -> Optional.empty())).isZero();
    assertThat(catalog.findLink(NAMED, IMAGE, MANIFEST)).isPresent();
  }
}
