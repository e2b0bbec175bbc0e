package io.entrepot.upstream.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.upstream.FetchRange;
import io.entrepot.upstream.MediaType;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The small header parsers: Link, Content-Range, Content-Type. */
class HeaderFieldsTest {
  private static Optional<String> next(String... values) {
    return NextLink.parse(List.of(values));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "</next>; rel=\"next\"",
        "</next>;rel=next",
        "</next> ; title=\"a,b;c>\" ; REL = \"prev Next\"",
        "</prev>; rel=prev, </next>; rel=next, </last>; rel=next",
        "</prev>; rel=prev; rel=next, </next>; crossorigin; rel=next",
        ",, </next>; rel=\"next\","
      })
  void nextIsFound(String value) {
    assertThat(next(value)).contains("/next");
  }

  /** A list must not be cut because its token is no proper URL. */
  @Test
  void nextMayHaveWhatAUrlMustNot() {
    assertThat(next("</a?p=b c|d>; rel=next")).contains("/a?p=b c|d");
  }

  @Test
  void nextMayBeInAnyHeader() {
    assertThat(next("</a>; rel=prev", "</b?n=1&last=x>; rel=next")).contains("/b?n=1&last=x");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "next",
        "</a>",
        "</a>; rel=prev",
        "</a; rel=next",
        "</a>; rel=\"next",
        "</a>; title=\"rel=next\"",
        "</a>; rel=nextish",
        "</a> rel=next"
      })
  void whatIsNoNextIsNone(String value) {
    assertThat(next(value)).isEmpty();
  }

  @Property
  void linkNeverFails(
      @ForAll @Chars({'<', '>', ';', ',', '=', '"', '\\', ' '}) @CharRange(from = 'a', to = 'z')
          String any) {
    assertThat(next(any, "<" + any)).isNotNull();
  }

  @Property
  void contentRangeIsRead(
      @ForAll @LongRange(min = 0, max = 1L << 50) long first,
      @ForAll @LongRange(min = 0, max = 1L << 50) long more,
      @ForAll @LongRange(min = 1, max = 1L << 50) long rest) {
    long last = first + more;
    long size = last + rest;

    assertThat(ContentRange.parse("bytes " + first + "-" + last + "/" + size))
        .contains(new ContentRange(first, last, OptionalLong.of(size)));
    assertThat(ContentRange.parse("bytes " + first + "-" + last + "/" + last)).isEmpty();
    assertThat(ContentRange.parse("bytes " + (last + 1) + "-" + last + "/" + size)).isEmpty();
  }

  @Test
  void contentRangeMayKnowNothingOfOneOrTheOther() {
    assertThat(ContentRange.parse("bytes */42"))
        .contains(new ContentRange(-1, -1, OptionalLong.of(42)));
    assertThat(ContentRange.parse("bytes 0-1/*"))
        .contains(new ContentRange(0, 1, OptionalLong.empty()));
    assertThat(ContentRange.parse(null)).isEmpty();
  }

  @Property
  void contentRangeNeverFails(
      @ForAll @Chars({'-', '/', '*', ' '}) @CharRange(from = '0', to = '9') String any) {
    Optional<ContentRange> range = ContentRange.parse("bytes " + any);
    range.ifPresent(r -> assertThat(r.first()).isLessThanOrEqualTo(r.last()));
  }

  @Property
  void stretchIsAnsweredByItselfOnly(
      @ForAll @LongRange(min = 1, max = 5) long size,
      @ForAll @LongRange(min = 0, max = 99) long first,
      @ForAll @LongRange(min = 0, max = 6) long more,
      @ForAll @LongRange(min = 0, max = 99) long gotFirst,
      @ForAll @LongRange(min = 0, max = 99) long gotMore) {
    FetchRange asked = new FetchRange(first % size, first % size + more, null);
    long begin = gotFirst % size;
    long end = begin + gotMore % (size - begin);

    assertThat(new ContentRange(begin, end, OptionalLong.of(size)).answers(asked))
        .isEqualTo(begin == asked.first() && end == Math.min(asked.last(), size - 1));
  }

  @ParameterizedTest
  @CsvSource({
    "application/json, application/json",
    "' a/b ; charset=utf-8', a/b",
    "application/vnd.oci.image.layer.v1.tar+gzip, application/vnd.oci.image.layer.v1.tar+gzip"
  })
  void mediaTypeLosesItsParameters(String header, String expected) {
    assertThat(MediaType.parse(header)).contains(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "a/", "/b", "a/b/c", "a b/c", "*/*", "a/<b>", "a/b\nX: y"})
  void whatIsNoMediaTypeIsNone(String header) {
    assertThat(MediaType.parse(header)).isEmpty();
    assertThat(MediaType.parse(null)).isEmpty();
  }
}
