package io.entrepot.oci;

import static io.entrepot.oci.OciAssert.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** References as Docker reads them. */
class ImageReferenceTest {
  private static final Digest DIGEST =
      Digest.ofBytes(Digest.Algorithm.SHA256, new byte[] {1, 2, 3});

  @ParameterizedTest
  @CsvSource({
    "ubuntu,, ubuntu, latest",
    "ubuntu:24.04,, ubuntu, 24.04",
    "team/app,, team/app, latest",
    "a-b/c_d,, a-b/c_d, latest",
    "docker.io/ubuntu, docker.io, ubuntu, latest",
    "ghcr.io/owner/image:1, ghcr.io, owner/image, 1",
    "localhost/app, localhost, app, latest",
    "localhost:5000/app, localhost:5000, app, latest",
    "localhost:5000,, localhost, 5000",
    "lab:5000/team/app:v1, lab:5000, team/app, v1",
    "[::1]:5000/app:v1, [::1]:5000, app, v1",
    "a.b,, a.b, latest",
  })
  void referenceIsReadAsDockerReadsIt(String text, String registry, String repository, String tag) {
    ImageReference read = ImageReference.parse(text);
    assertThat(read)
        .isEqualTo(new ImageReference(registry, RepositoryName.of(repository), new Tag(tag), null));
    assertThat(read.reference()).isEqualTo(new Tag(tag));
  }

  @Test
  void digestCountsBesideATagAndNeedsNone() {
    ImageReference both = ImageReference.parse("ghcr.io/owner/image:1@" + DIGEST);
    assertThat(both.reference()).isEqualTo(DIGEST);
    assertThat(both.tag()).isEqualTo(new Tag("1"));
    ImageReference alone = ImageReference.parse("ubuntu@" + DIGEST);
    assertThat(alone.tag()).isNull();
    assertThat(alone.reference()).isEqualTo(DIGEST);
  }

  @ParameterizedTest
  @CsvSource({
    "'', NAME_INVALID",
    "ubuntu:, TAG_INVALID",
    ":latest, NAME_INVALID",
    "/ubuntu, NAME_INVALID",
    "Ubuntu, NAME_INVALID",
    "ghcr.io/, NAME_INVALID",
    "ghcr.io/Owner/x, NAME_INVALID",
    "https://ghcr.io/owner/x, NAME_INVALID",
    "user@ghcr.io/owner/x, DIGEST_INVALID",
    "-a.b/c, NAME_INVALID",
    "a.b:port/c, NAME_INVALID",
    "ubuntu@sha256:abc, DIGEST_INVALID",
    "ubuntu:a:b, NAME_INVALID",
    "'a b', NAME_INVALID",
  })
  void whatDockerRefusesIsRefused(String text, OciError error) {
    assertRefused(error, () -> ImageReference.parse(text));
  }

  @Test
  void lengthIsBounded() {
    assertRefused(OciError.NAME_INVALID, () -> ImageReference.parse("a/".repeat(513)));
  }

  @Test
  void nothingIsNamedWithoutTagAndDigest() {
    assertThatThrownBy(() -> new ImageReference(null, RepositoryName.of("a"), null, null))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void capitalLettersAloneMakeNoRegistry() {
    assertThatThrownBy(() -> ImageReference.parse("LAB/a")).hasMessageContaining("LAB/a");
    assertThat(ImageReference.parse("LAB.example/a").registry()).isEqualTo("lab.example");
  }

  @Property
  void whatIsWrittenIsReadAgain(@ForAll("references") ImageReference reference) {
    assertThat(ImageReference.parse(reference.toString())).isEqualTo(reference);
  }

  @Provide
  Arbitrary<ImageReference> references() {
    return Combinators.combine(
            Arbitraries.of("a.b", "localhost", "lab:1", "[::1]:65535", "x-y.z0:80").injectNull(0.3),
            Arbitraries.of("a", "library/alpine", "a/b/c", "a.b_c__d", "0--1/localhost"),
            Arbitraries.of("latest", "1", "_x", "V1.2-rc").map(Tag::new).injectNull(0.3),
            Arbitraries.of(DIGEST).injectNull(0.5))
        .filter((registry, repository, tag, digest) -> tag != null || digest != null)
        .as(
            (registry, repository, tag, digest) ->
                new ImageReference(registry, RepositoryName.of(repository), tag, digest));
  }

  @Property
  void anyTextIsReadStablyOrRefusedAsInvalid(
      @ForAll @StringLength(max = 14) @Chars({'a', 'B', '0', '.', ':', '/', '-', '@', '[', ']'})
          String text) {
    try {
      ImageReference read = ImageReference.parse(text);
      assertThat(ImageReference.parse(read.toString())).isEqualTo(read);
    } catch (OciException e) {
      assertThat(e.error())
          .isIn(List.of(OciError.NAME_INVALID, OciError.TAG_INVALID, OciError.DIGEST_INVALID));
    }
  }
}
