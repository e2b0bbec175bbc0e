package io.entrepot.oci;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Any bytes where a client or an upstream sends words of OCI or HTTP (S9, S10, S12, S15). */
class OciFuzzTest {
  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";

  /** A URI as the server hands it over: a character is a byte. */
  @FuzzTest
  void requests(byte[] data) {
    String uri = new String(data, ISO_8859_1);
    int mark = uri.indexOf('?');
    String path = mark < 0 ? uri : uri.substring(0, mark);
    parsed(uri, u -> RegistryRequest.parse("GET", path, mark < 0 ? null : u.substring(mark + 1)))
        .ifPresent(
            request -> {
              assertThat(path).doesNotContain("//", ";", "\\", "\0");
              // A tag may hold two dots, as 1..2 does.
              assertThat(path.split("/", -1)).doesNotContain(".", "..");
              if (request instanceof RegistryRequest.InRepository in) {
                assertThat(RepositoryName.parse(in.repository().value()))
                    .isEqualTo(in.repository());
                assertThat(path).contains(in.repository().value());
              }
            });
  }

  @FuzzTest
  void names(byte[] data) {
    String text = new String(data, UTF_8);
    parsed(text, RepositoryName::parse)
        .ifPresent(
            name -> {
              assertThat(name).hasToString(text);
              assertThat(text).matches("[a-z0-9._/-]+");
            });
    parsed(text, Tag::parse).ifPresent(tag -> assertThat(tag).hasToString(text));
    parsed(text, Digest::parse)
        .ifPresent(
            digest -> {
              assertThat(digest).hasToString(text);
              assertThat(digest.hex()).hasSize(digest.algorithm().hexLength()).matches("[0-9a-f]+");
            });
    parsed(text, Reference::parse).ifPresent(it -> assertThat(it).hasToString(text));
    parsed(text, ImageReference::parse)
        .ifPresent(it -> assertThat(ImageReference.parse(it.toString())).isEqualTo(it));
    parsed(text, Cursor::parse)
        .ifPresent(it -> assertThat(Cursor.parse(it.toString())).isEqualTo(it));
  }

  @FuzzTest
  void ranges(byte[] data) {
    RangeSpec.parse(new String(data, ISO_8859_1))
        .ifPresent(
            spec -> {
              for (long size : new long[] {0, 1, 1000, Long.MAX_VALUE}) {
                ByteRange range = parsed(size, spec::resolve).orElse(null);
                if (range != null) {
                  assertThat(range.first()).isBetween(0L, range.last());
                  assertThat(range.last()).isLessThan(size);
                }
              }
            });
  }

  @FuzzTest
  void fields(byte[] data) {
    List<String> values = new String(data, ISO_8859_1).lines().toList();
    Via via = Via.parse(values);
    assertThat(Via.parse(List.of(via.header()))).isEqualTo(via);
    Digest digest = Digest.of("sha256:" + "0".repeat(64));
    boolean named = values.stream().anyMatch(value -> value.contains(digest.toString()));
    boolean any = values.size() == 1 && values.get(0).contains("*");
    if (EntityTag.of(digest).isIn(values)) {
      assertThat(named || any).isTrue();
    }
  }

  @FuzzTest
  void manifests(byte[] data) {
    Digest digest = Digest.ofBytes(Digest.Algorithm.SHA256, data);
    for (String type : new String[] {null, "application/json", MANIFEST, "text/html"}) {
      parsed(data, bytes -> Manifest.verify(digest, type, bytes))
          .ifPresent(
              manifest -> {
                assertThat(manifest.digest()).isEqualTo(digest);
                assertThat(manifest.mediaType()).startsWith("application/vnd.");
              });
    }
  }

  /** The pattern in the first line, the name in the rest. */
  @FuzzTest
  void patterns(byte[] data) {
    String[] parts = new String(data, UTF_8).split("\n", 2);
    if (parts.length < 2 || data.length > 300) {
      return;
    }
    for (Function<String, NamePattern> parse :
        List.<Function<String, NamePattern>>of(
            NamePattern::parseForRepositories, NamePattern::parseForTags)) {
      try {
        assertThat(parse.apply(parts[0]).matches(parts[1])).isEqualTo(matches(parts[0], parts[1]));
      } catch (IllegalArgumentException e) {
        assertThat(e).hasMessageNotContaining("\n").message().isNotBlank();
      }
    }
  }

  /** The same as a table of all beginnings, which takes long but is simple. */
  private static boolean matches(String pattern, String name) {
    boolean[] row = new boolean[name.length() + 1];
    row[0] = true;
    for (int at = 0; at < pattern.length(); at++) {
      char c = pattern.charAt(at);
      boolean[] next = new boolean[row.length];
      next[0] = c == '*' && row[0];
      for (int i = 1; i < row.length; i++) {
        next[i] =
            c == '*' ? row[i] || next[i - 1] : row[i - 1] && (c == '?' || c == name.charAt(i - 1));
      }
      row = next;
    }
    return row[name.length()];
  }

  /** What becomes a part of a message has one short line. */
  @FuzzTest
  void quotes(byte[] data) {
    String text = new String(data, UTF_8);
    assertThat(Quoted.of(text).chars()).noneMatch(Character::isISOControl);
    assertThat(Quoted.of(text, 20)).hasSizeLessThan(200);
    assertThat(Quoted.plain(text, 20)).hasSizeLessThan(200);
    IpAddress.parse(text)
        .ifPresent(it -> assertThat(IpAddress.parse(it.getHostAddress())).contains(it));
  }

  /**
   * The parsed value; empty where there is none, or it was refused in words that one line holds.
   */
  private static <I, T> Optional<T> parsed(I text, Function<I, T> parse) {
    try {
      return Optional.ofNullable(parse.apply(text));
    } catch (OciException e) {
      assertThatCode(e::error).doesNotThrowAnyException();
      assertThat(e.getMessage()).isNotBlank().hasSizeLessThan(2000);
      assertThat(e.getMessage().chars()).noneMatch(Character::isISOControl);
      return Optional.empty();
    }
  }
}
