package io.entrepot.oci;

import static io.entrepot.oci.OciAssert.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a list goes on: what clients send back, and how a circle is found. */
class CursorTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "1,,,",
        "1,,v1,n=2",
        "12,v1.0_x-y,v2,next_page=gAAA%2F,b,c&n=3&x=[1]?/:@!$'()*+;~",
        "3,sha256:ab,,last=",
        "3,,,last=%20%7e%80%fF"
      })
  void textIsReadAsItWasWritten(String text) {
    assertThat(Cursor.parse(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1",
        "1,,",
        "0,,,",
        "-1,,,",
        "x,,,",
        "1000000,,,",
        "1,/,,",
        "1,,a b,",
        "1,,,a b",
        "1,,,a#b",
        "1,,,%",
        "1,,,%2",
        "1,,,\u00e4",
        "1,,,a\r\nHost: x",
        "1,,,last=%00",
        "1,,,last=a%0d%0A",
        "1,,,last=%1f",
        "1,,,last=%7F"
      })
  void otherTextIsRefused(String text) {
    assertRefused(OciError.PAGE_INVALID, () -> Cursor.parse(text));
  }

  @Test
  void queryOfFourKibibytesIsTheLongest() {
    assertThat(Cursor.parse("1,,," + "x".repeat(4096)).query()).hasSize(4096);
    assertRefused(OciError.PAGE_INVALID, () -> Cursor.parse("1,,," + "x".repeat(4097)));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 50})
  void circleOfAnyLengthIsFound(int length) {
    for (int before : new int[] {0, 1, 5, 20}) {
      Cursor cursor = new Cursor(1, "", "", "");
      int page = 0;
      while (!cursor.isEndless(entries(page, before, length))) {
        cursor = cursor.next(entries(page, before, length), "x");
        page++;
      }
      assertThat(page).isLessThanOrEqualTo(3 * (before + length));
    }
  }

  private static List<String> entries(int page, int before, int length) {
    int number = page < before ? page : before + (page - before) % length;
    return List.of("a" + number, "b" + number);
  }

  @Test
  void listWithAnEndIsNoCircle() {
    Cursor cursor = new Cursor(1, "", "", "");
    for (int page = 0; page < 5000; page++) {
      List<String> entries = List.of("a" + page, "b" + page);
      assertThat(cursor.isEndless(entries)).isFalse();
      cursor = cursor.next(entries, "x");
    }
  }
}
