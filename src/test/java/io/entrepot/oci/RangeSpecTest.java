package io.entrepot.oci;

import static io.entrepot.oci.OciAssert.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.BigRange;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ranges of RFC 9110, 14.1.2 (S15). */
class RangeSpecTest {
  @ParameterizedTest
  @CsvSource({
    "bytes=0-0,10,0,0",
    "bytes=0-,10,0,9",
    "bytes=5-100,10,5,9",
    "bytes=-3,10,7,9",
    "bytes=-100,10,0,9",
    "BYTES=1-2,10,1,2",
    "bytes= 1-2 ,10,1,2",
    "bytes=9-9,10,9,9",
    "bytes=0-99999999999999999999999999,10,0,9",
    "bytes=-99999999999999999999999999,10,0,9",
    "bytes=007-008,10,7,8"
  })
  void oneRangeIsFittedToTheBlob(String header, long size, long first, long last) {
    ByteRange range = RangeSpec.parse(header).orElseThrow().resolve(size);

    assertThat(range).isEqualTo(new ByteRange(first, last));
    assertThat(range.length()).isEqualTo(last - first + 1);
    assertThat(range.contentRange(size)).isEqualTo("bytes " + first + "-" + last + "/" + size);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes=1-2,", "bytes=,1-2", "bytes= ,\t1-2 ,, ", "bytes=\t1-2"})
  void emptyElementsAndSpacesAroundARangeMeanNothing(String header) {
    assertThat(RangeSpec.parse(header)).contains(new RangeSpec(1, 2));
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {
        "",
        "items=0-5",
        "bytes",
        "0-5",
        "bytes =0-5",
        " bytes=0-5",
        "bytes=",
        "bytes=,",
        "bytes=-",
        "bytes=5",
        "bytes=a-b",
        "bytes=--5",
        "bytes=1-2-3",
        "bytes=1 - 2",
        "bytes=+1-2",
        "bytes=0x1-2",
        "bytes=0-1,x",
        "bytes=99-,bytes=0-1",
        "bytes=-1.5",
        "bytes=٣-٤",
        "bytes=\u00a01-2"
      })
  void whatIsNoRangeIsIgnored(String header) {
    assertThat(RangeSpec.parse(header)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bytes=0-1,3-4",
        "bytes=0-0,-1,5-",
        "bytes=99-,0-0",
        "bytes=-0,-1",
        "bytes=0-,0-",
        "bytes=0-1,5-2"
      })
  void severalRangesGiveTheWholeBlob(String header) {
    assertThat(RangeSpec.parse(header).orElseThrow().resolve(10)).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "bytes=10-,10",
    "bytes=10-20,10",
    "bytes=-0,10",
    "bytes=0-,0",
    "bytes=-5,0",
    "bytes=99999999999999999999999999-,10",
    "bytes=5-2,10",
    "bytes=1-0,10",
    "bytes=99999999999999999999999999-5,10",
    "'bytes=5-2,10-',10",
    "'bytes=10-,20-30',10",
    "'bytes=-0,10-',10",
    "'bytes=-0,-0',10",
    "'bytes=0-,-5',0"
  })
  void rangeWithoutAByteIsUnsatisfiable(String header, long size) {
    RangeSpec spec = RangeSpec.parse(header).orElseThrow();

    assertRefused(OciError.RANGE_UNSATISFIABLE, () -> spec.resolve(size));
  }

  @Test
  void byteRangeIsNeverEmptyNorBackwards() {
    assertThatThrownBy(() -> new ByteRange(-1, 5)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new ByteRange(5, 4)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new ByteRange(0, Long.MAX_VALUE).length())
        .isInstanceOf(ArithmeticException.class);
  }

  @Property
  void numbersOfAnySizeAreFitted(
      @ForAll @BigRange(min = "0", max = "99999999999999999999999") BigInteger first,
      @ForAll @BigRange(min = "0", max = "99999999999999999999999") BigInteger more,
      @ForAll @LongRange(min = 0) long size) {
    BigInteger last = first.add(more);
    RangeSpec spec = RangeSpec.parse("bytes=" + first + "-" + last).orElseThrow();
    BigInteger end = BigInteger.valueOf(size);

    if (first.compareTo(end) >= 0) {
      assertRefused(OciError.RANGE_UNSATISFIABLE, () -> spec.resolve(size));
    } else {
      assertThat(spec.resolve(size))
          .isEqualTo(
              new ByteRange(
                  first.longValueExact(), last.min(end.subtract(BigInteger.ONE)).longValueExact()));
    }
  }

  @Property
  void anyHeaderIsAnsweredWithinTheBlob(
      @ForAll @Chars({'-', ',', ' ', 'x'}) @CharRange(from = '0', to = '9') String text,
      @ForAll @LongRange(min = 0, max = 1000) long size) {
    Optional<RangeSpec> spec = RangeSpec.parse("bytes=" + text);
    try {
      spec.map(range -> range.resolve(size))
          .ifPresent(range -> assertThat(range.last()).isBetween(range.first(), size - 1));
    } catch (OciException e) {
      assertThat(e.error()).isEqualTo(OciError.RANGE_UNSATISFIABLE);
    }
  }
}
