package io.entrepot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.math.BigInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SizeSyntaxTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1024, 1024",
    "1B, 1",
    "3KB, 3000",
    "3MB, 3000000",
    "10GB, 10000000000",
    "2TB, 2000000000000",
    "1KiB, 1024",
    "512MiB, 536870912",
    "200GiB, 214748364800",
    "1TiB, 1099511627776",
    "9223372036854775807, 9223372036854775807",
    "8388607TiB, 9223370937343148032"
  })
  void reads(String text, long expected) {
    assertThat(SizeSyntax.parse(text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"8388608TiB", "9223372036854775808", "99999999999999999999GiB"})
  void isAtMostWhatALongHolds(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SizeSyntax.parse(text))
        .withMessageContaining("too large");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "-1GiB"})
  void isNotNegative(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SizeSyntax.parse(text))
        .withMessageContaining("negative");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "GiB", "1.5GiB", "1 GiB", "1gib", "1G", "1Gi", "0x10", "1e3", "٣"})
  void refuses(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SizeSyntax.parse(text))
        .withMessageContaining("GiB");
  }

  @Property
  void countsTheUnitOrSaysThatItIsTooMuch(@ForAll @LongRange(min = 0) long count) {
    BigInteger bytes = BigInteger.valueOf(count).shiftLeft(20);
    if (bytes.bitLength() < Long.SIZE) {
      assertThat(SizeSyntax.parse(count + "MiB")).isEqualTo(bytes.longValueExact());
    } else {
      assertThatIllegalArgumentException().isThrownBy(() -> SizeSyntax.parse(count + "MiB"));
    }
    assertThat(SizeSyntax.parse(Long.toString(count))).isEqualTo(count);
  }

  @Property
  void anyTextIsReadOrRefused(@ForAll String text) {
    assertReadOrRefused(text);
  }

  @Property
  void anyTextLikeASizeIsReadOrRefused(
      @ForAll
          @CharRange(from = '0', to = '9')
          @Chars({'K', 'M', 'G', 'T', 'i', 'B', '-'})
          @StringLength(max = 30)
          String text) {
    assertReadOrRefused(text);
  }

  private static void assertReadOrRefused(String text) {
    Throwable thrown = catchThrowable(() -> assertThat(SizeSyntax.parse(text)).isNotNegative());
    if (thrown != null) {
      assertThat(thrown).isInstanceOf(IllegalArgumentException.class).message().isNotEmpty();
    }
  }
}
