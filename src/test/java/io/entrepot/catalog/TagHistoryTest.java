package io.entrepot.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the upstream has said of tags over time, and what pinned tags lead to. */
class TagHistoryTest extends CatalogFixture {
  private static final Duration HOUR = Duration.ofHours(1);

  private final Instant begin = clock.instant();

  private Tags tags() {
    return catalog.tags();
  }

  private void put(Digest digest) {
    tags().put(new TagEntry(ALPINE, LATEST, digest, clock.instant()));
  }

  @Test
  void historyTellsWhenEachDigestWasSeenFirstAndLast() {
    put(digest("one"));
    clock.advance(HOUR);
    put(digest("two"));
    clock.advance(HOUR);
    put(digest("one"));

    assertThat(tags().history(ALPINE, LATEST))
        .containsExactly(
            new Sighting(digest("one"), begin, begin.plus(HOUR.multipliedBy(2)), true),
            new Sighting(digest("two"), begin.plus(HOUR), begin.plus(HOUR), true));
    assertThat(tags().history(OTHER, LATEST)).isEmpty();
  }

  @Test
  void digestThatIsOnlySeenIsNotServed() {
    tags().see(ALPINE, LATEST, digest("one"), begin);
    assertThat(tags().history(ALPINE, LATEST)).extracting(Sighting::served).containsExactly(false);
    put(digest("one"));
    tags().see(ALPINE, LATEST, digest("one"), begin);
    assertThat(tags().history(ALPINE, LATEST)).extracting(Sighting::served).containsExactly(true);
  }

  @Test
  void deviationIsServedAndNotSeen() {
    tags().see(ALPINE, LATEST, digest("one"), begin);
    clock.advance(HOUR);
    TagEntry cooled =
        new TagEntry(ALPINE, LATEST, digest("one"), clock.instant(), HOUR, Deviation.COOLED);
    tags().put(cooled);

    assertThat(tags().find(ALPINE, LATEST)).contains(cooled);
    assertThat(tags().history(ALPINE, LATEST))
        .containsExactly(new Sighting(digest("one"), begin, begin, true));
  }

  @Test
  void historySurvivesTheTagItsManifestAndARestart() throws Exception {
    put(digest("one"));
    tags().forget(ALPINE, LATEST);
    catalog.forget(digest("one"));
    database.close();
    open();

    assertThat(tags().find(ALPINE, LATEST)).isEmpty();
    assertThat(tags().history(ALPINE, LATEST)).hasSize(1);
  }

  @Test
  void hundredNewestDigestsOfATagAreKept() {
    for (int i = 0; i < 105; i++) {
      put(digest("move " + i));
      clock.advance(HOUR);
    }
    assertThat(tags().history(ALPINE, LATEST)).hasSize(100);
    assertThat(tags().history(ALPINE, LATEST).get(0).digest()).isEqualTo(digest("move 104"));
    assertThat(tags().history(ALPINE, LATEST).get(99).digest()).isEqualTo(digest("move 5"));
  }

  @Test
  void historyOfATagThatNobodyAsksForIsForgottenAfterTwoYears() {
    put(digest("one"));
    tags().put(new TagEntry(OTHER, LATEST, digest("held"), clock.instant()));
    tags().forget(ALPINE, LATEST);
    clock.advance(SightingTable.KEPT.plusMillis(1));
    tags().see(ALPINE, new Tag("next"), digest("next"), clock.instant());

    assertThat(tags().history(ALPINE, LATEST)).isEmpty();
    assertThat(tags().history(OTHER, LATEST)).hasSize(1);
  }

  @Test
  void tagsOfAnEarlierSchemaBeginTheirHistoryWhereTheyAre() throws Exception {
    put(digest("one"));
    database.execute("DELETE FROM sighting");
    database.execute("DELETE FROM schema_version WHERE component = 'catalog' AND version >= 3");
    database.close();
    open();
    catalog.renameOlder(Optional::of);

    assertThat(tags().history(ALPINE, LATEST))
        .containsExactly(new Sighting(digest("one"), begin, begin, true));
  }

  @ParameterizedTest
  @CsvSource({
    "library/alpine:latest, index, library/alpine",
    "library/alpine:latest, image, library/alpine",
    "library/alpine:latest, layer, library/alpine",
    "library/alpine:latest, below, ''",
    "library/alpine:v*, index, ''",
    "*:l?test, layer, 'library/alpine library/other_1'",
    "library/other_?, layer, library/other_1",
    "library/other?1, layer, library/other_1",
    "library/o*_2, layer, ''",
    "library_alpine:latest, layer, ''"
  })
  void pinnedTagNeedsWhatItLeadsToTwoLevelsDown(String pin, String content, String needing) {
    for (RepositoryName repository : List.of(ALPINE, OTHER)) {
      catalog.linkManifest(repository, manifest("index", "image"), begin);
      catalog.linkManifest(repository, manifest("image", "layer"), begin);
      catalog.linkManifest(repository, manifest("layer", "below"), begin);
      tags().put(new TagEntry(repository, LATEST, digest("index"), begin));
    }
    List<Pin> pins = List.of(Pin.parse("none/such:x_y"), Pin.parse(pin));

    assertThat(tags().pinning(digest(content), pins))
        .extracting(RepositoryName::value)
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(needing.split(" ")).filter(name -> !name.isEmpty()).toList());
  }

  private static Manifest manifest(String name, String child) {
    return new Manifest(
        digest(name),
        "application/vnd.oci.image.manifest.v1+json",
        name.getBytes(UTF_8),
        List.of(new Descriptor("", digest(child), 10)),
        null,
        null,
        null);
  }
}
