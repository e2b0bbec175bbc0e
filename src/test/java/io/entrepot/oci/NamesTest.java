package io.entrepot.oci;

import static io.entrepot.oci.OciAssert.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Repository names, tags and references against the grammars of the distribution-spec. */
class NamesTest {
  private static final Pattern REPOSITORY =
      Pattern.compile("[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*");
  private static final Pattern TAG = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}");

  @ParameterizedTest
  @ValueSource(
      strings = {"a", "library/alpine", "a/b/c/d", "a.b_c__d-e---f/0", "blobs/manifests/tags"})
  void repositoryNameIsRead(String text) {
    assertThat(RepositoryName.parse(text).value()).isEqualTo(text);
    assertThat(RepositoryName.of(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "/", "a/", "/a", "a//b", "A", "a..b", "a___b", "a.-b", "-a", "a-", ".", "..", "a/../b",
        "a b", "a%2fb", "a\\b", "é", "a\n", "a:b", "_a", "a/_b", "a\u0000"
      })
  void whatIsNoRepositoryNameIsRefused(String text) {
    assertRefused(OciError.NAME_INVALID, () -> RepositoryName.parse(text));
    assertThatThrownBy(() -> RepositoryName.of(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void repositoryNameHasAtMost255Characters() {
    assertThat(RepositoryName.parse("a".repeat(255)).value()).hasSize(255);
    assertRefused(OciError.NAME_INVALID, () -> RepositoryName.parse("a".repeat(256)));
    assertRefused(OciError.NAME_INVALID, () -> RepositoryName.parse("a/".repeat(1_000_000)));
  }

  @Property
  void repositoryNamesAreTheGrammar(
      @ForAll @StringLength(max = 12) @Chars({'a', '0', '.', '_', '-', '/', 'A', '%'})
          String text) {
    assertThat(accepts(() -> RepositoryName.parse(text)))
        .isEqualTo(REPOSITORY.matcher(text).matches());
  }

  @Property
  void anyTextIsAnsweredAboutNames(@ForAll String text) {
    assertThat(accepts(() -> RepositoryName.parse(text)))
        .isEqualTo(REPOSITORY.matcher(text).matches());
    assertThat(accepts(() -> Tag.parse(text))).isEqualTo(TAG.matcher(text).matches());
  }

  @ParameterizedTest
  @ValueSource(strings = {"latest", "_", "0", "v1.2.3-rc_1", "A.-._", "sha256-abc"})
  void tagIsRead(String text) {
    assertThat(Tag.parse(text)).hasToString(text).isEqualTo(new Tag(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "-", ".a", "-a", "a b", "a/b", "a:b", "é", "a\n", "a+b"})
  void whatIsNoTagIsRefused(String text) {
    assertRefused(OciError.TAG_INVALID, () -> Tag.parse(text));
    assertThatThrownBy(() -> new Tag(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void tagHasAtMost128Characters() {
    assertThat(Tag.parse("a".repeat(128)).value()).hasSize(128);
    assertRefused(OciError.TAG_INVALID, () -> Tag.parse("a".repeat(129)));
  }

  @Property
  void tagsAreTheGrammar(
      @ForAll
          @StringLength(max = 130)
          @CharRange(from = 'a', to = 'c')
          @Chars({'Z', '9', '_', '.', '-', '+'})
          String text) {
    assertThat(accepts(() -> Tag.parse(text))).isEqualTo(TAG.matcher(text).matches());
  }

  @Test
  void colonMakesAReferenceADigest() {
    String digest = "sha256:" + "0".repeat(64);

    assertThat(Reference.parse(digest)).isEqualTo(Digest.of(digest));
    assertThat(Reference.parse("latest")).isEqualTo(new Tag("latest"));
    assertRefused(OciError.DIGEST_INVALID, () -> Reference.parse("latest:1"));
    assertRefused(OciError.MANIFEST_UNKNOWN, () -> Reference.parse("a/b"));
  }

  @Property
  void referenceIsReadBackFromItsText(@ForAll String text) {
    if (accepts(() -> Reference.parse(text))) {
      assertThat(Reference.parse(text)).hasToString(text);
    }
  }

  private static boolean accepts(Runnable parsing) {
    try {
      parsing.run();
      return true;
    } catch (OciException e) {
      return false;
    }
  }
}
