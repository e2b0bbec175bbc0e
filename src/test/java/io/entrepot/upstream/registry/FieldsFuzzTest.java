package io.entrepot.upstream.registry;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.entrepot.oci.Cursor;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.wire.FakeAnswer;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/** Any bytes in the header fields of a registry, one field in each line (S12, S15). */
class FieldsFuzzTest {
  @FuzzTest
  void links(byte[] data) {
    List<String> values = lines(data);
    NextLink.parse(values)
        .ifPresent(
            target -> assertThat(values).anyMatch(value -> value.contains("<" + target + ">")));
  }

  @FuzzTest
  void contentRanges(byte[] data) {
    ContentRange.parse(new String(data, ISO_8859_1))
        .ifPresent(
            range -> {
              assertThat(range.first()).isLessThanOrEqualTo(range.last());
              range
                  .size()
                  .ifPresent(size -> assertThat(range.last()).isLessThan(Math.max(1, size)));
            });
  }

  @FuzzTest
  void cacheControl(byte[] data) {
    List<String> values = lines(data);
    String age = values.isEmpty() ? null : values.get(0);
    assertThat(CacheControl.freshFor(values, age)).isBetween(Duration.ZERO, Duration.ofDays(365));
    assertThat(CacheControl.freshFor(values, null))
        .isGreaterThanOrEqualTo(CacheControl.freshFor(values, "1"));
  }

  @FuzzTest
  void nextPages(byte[] data) {
    try {
      String query = NextLink.query(FakeAnswer.of(new byte[0], "Link", lines(data)), "list");
      if (query != null) {
        assertThat(Cursor.isQuery(query)).isTrue();
        assertThat(URI.create("https://registry.example/v2/a/tags/list?" + query).getRawQuery())
            .isEqualTo(query);
      }
    } catch (UpstreamException e) {
      assertThat(e.failure()).isEqualTo(Failure.INVALID);
    }
  }

  /** Whatever an upstream lists, what is passed on is tags. */
  @FuzzTest
  void tagLists(byte[] data) {
    try {
      List<String> tags = TagListBody.read(FakeAnswer.of(data, "Link", List.of()));
      assertThat(tags).allMatch(tag -> tag.matches("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}"));
    } catch (UpstreamException e) {
      assertThat(e.failure()).isEqualTo(Failure.INVALID);
    }
  }

  /** Two pages and a filter give a list that can be read again. */
  @FuzzTest
  void referrers(byte[] data) throws UpstreamException {
    try {
      read(data);
    } catch (UpstreamException e) {
      assertThat(e.failure()).isEqualTo(Failure.INVALID);
      return;
    }
    ReferrersIndex joined = read(data);
    boolean fits = joined.add(read(data));
    ReferrersIndex again = read(joined.toReferrers(false, null).index());
    assertThat(again.hasAllOf(read(data)) && read(data).hasAllOf(again)).isTrue();
    assertThat(fits).isTrue();
    ReferrersIndex filtered = read(data);
    if (filtered.filter("application/x")) {
      assertThat(read(data).hasAllOf(read(filtered.toReferrers(true, null).index()))).isTrue();
    }
  }

  private static ReferrersIndex read(byte[] data) throws UpstreamException {
    return ReferrersIndex.read(FakeAnswer.of(data, "Link", List.of()));
  }

  private static List<String> lines(byte[] data) {
    return new String(data, ISO_8859_1).lines().toList();
  }
}
