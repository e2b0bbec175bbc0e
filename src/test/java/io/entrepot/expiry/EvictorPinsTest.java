package io.entrepot.expiry;

import static io.entrepot.catalog.LinkKind.BLOB;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.catalog.Link;
import io.entrepot.catalog.Pin;
import io.entrepot.catalog.TagEntry;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import io.entrepot.routing.ExpiryPolicy;
import io.entrepot.routing.TestSources;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What pins spare when a lease runs out. */
class EvictorPinsTest extends ExpiryFixture {
  private static final Tag LATEST = new Tag("latest");
  private static final Digest IMAGE = digest("image");
  private static final List<Pin> PINS = List.of(Pin.parse("library/alpine:latest"));

  @BeforeEach
  void linkAnImageInTwoRepositories() {
    for (RepositoryName repository : List.of(ALPINE, OTHER)) {
      catalog.link(repository, LAYER, BLOB, 10, null, clock.instant());
      catalog.linkManifest(repository, image(), clock.instant());
      catalog.tags().put(new TagEntry(repository, LATEST, IMAGE, clock.instant()));
    }
  }

  private static Manifest image() {
    return new Manifest(
        IMAGE,
        "application/vnd.oci.image.manifest.v1+json",
        "image".getBytes(UTF_8),
        List.of(new Descriptor("", LAYER, 10)),
        null,
        null,
        null);
  }

  private Evictor evictor(ExpiryPolicy policy, List<Pin> pins) {
    return evictor(new Retention(TestSources.keptBy(policy), pins, Duration.ZERO));
  }

  @ParameterizedTest
  @EnumSource
  void pinnedTagKeepsItsContentInItsRepositoryAlone(ExpiryPolicy.Basis basis) {
    clock.advance(TTL);

    Evictor evictor = evictor(new ExpiryPolicy(TTL, basis), PINS);
    evictor.expire(LAYER);
    evictor.expire(IMAGE);

    assertThat(catalog.links(LAYER)).extracting(Link::repository).containsExactly(ALPINE);
    assertThat(catalog.links(IMAGE)).extracting(Link::repository).containsExactly(ALPINE);
    assertThat(catalog.tags().find(ALPINE, LATEST)).isPresent();
    assertThat(catalog.tags().find(OTHER, LATEST)).isEmpty();
    assertThat(leases.find(LAYER).orElseThrow())
        .isBetween(clock.instant().plus(Duration.ofDays(1)), clock.instant().plusSeconds(86_401));
  }

  @Test
  void contentOfATagThatHasMovedOnExpires() {
    Evictor evictor = evictor(new ExpiryPolicy(TTL, ExpiryPolicy.Basis.AFTER_USE), PINS);
    clock.advance(TTL);
    catalog.tags().put(new TagEntry(ALPINE, LATEST, digest("next"), clock.instant()));

    evictor.expire(LAYER);

    assertThat(catalog.links(LAYER)).isEmpty();
  }

  @Test
  void shortTtlIsAskedAboutAgainAfterItself() {
    Duration hour = Duration.ofHours(1);
    clock.advance(hour);

    evictor(new ExpiryPolicy(hour, ExpiryPolicy.Basis.AFTER_USE), PINS).expire(LAYER);

    assertThat(leases.find(LAYER).orElseThrow())
        .isBefore(clock.instant().plus(hour.plusMillis(11)));
  }

  @Test
  void pinsHaveALimit() {
    List<Pin> many = Collections.nCopies(101, Pin.parse("a"));
    ExpiryPolicy policy = new ExpiryPolicy(TTL, ExpiryPolicy.Basis.AFTER_USE);
    assertThatThrownBy(() -> evictor(policy, many))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("101 pins; at most 100 may be");
  }
}
