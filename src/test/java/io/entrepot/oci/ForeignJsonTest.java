package io.entrepot.oci;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The reader of JSON that others have made (S12, S24). */
class ForeignJsonTest {
  private static final int MAX = 4 << 20;
  private static final ForeignJson JSON = ForeignJson.upTo(MAX);

  private static List<String> read(String json) throws IOException {
    List<String> seen = new ArrayList<>();
    JSON.read(
        json.getBytes(UTF_8),
        root ->
            root.fields(
                (name, value) -> {
                  if (name.equals("list")) {
                    value.entries(entry -> seen.add("entry=" + entry.text()));
                  } else if (name.equals("object")) {
                    value.fields((inner, text) -> seen.add(inner + "=" + text.text()));
                  } else {
                    seen.add(name + "=" + value.text());
                  }
                }));
    return seen;
  }

  private static void assertUnusable(String json, String why) {
    assertThatThrownBy(() -> read(json))
        .isInstanceOf(UnusableJsonException.class)
        .hasMessageContaining(why);
  }

  @Test
  void whatIsAskedForIsReadAndTheRestIsSkipped() throws IOException {
    String json =
        """
        {"a": "x", "skipped": {"a": [1, {"b": []}]}, "object": {"c": true, "d": {"e": [[]]}},
         "list": ["y", 5, null, [6], {"f": 7}], "b": 1.5, "empty": {}, "none": null}
        """;

    assertThat(read(json))
        .containsExactly(
            "a=x",
            "skipped=",
            "c=true",
            "d=",
            "entry=y",
            "entry=5",
            "entry=",
            "entry=",
            "entry=",
            "b=1.5",
            "empty=",
            "none=");
  }

  @Test
  void whereAValueStandsIsToldInCharacters() throws IOException {
    String json = " {\"ä\": \"€\", \"list\": [ {\"x\":[1]} , 2 ]}";
    List<String> parts = new ArrayList<>();

    JSON.read(
        json.getBytes(UTF_8),
        root ->
            root.fields(
                (name, list) -> {
                  int begin = list.position();
                  list.entries(
                      entry -> {
                        int from = entry.position();
                        if (entry.isObject()) {
                          entry.fields((inner, value) -> {});
                          parts.add(json.substring(from, entry.position() + 1));
                        }
                      });
                  if (name.equals("list")) {
                    parts.add(json.substring(begin, list.position() + 1));
                  }
                }));

    assertThat(parts).containsExactly("{\"x\":[1]}", "[ {\"x\":[1]} , 2 ]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":{",
        "{\"list\":[1",
        "{\"a\":\"x",
        "{a}"
      })
  void whatIsNoJsonIsUnusable(String json) {
    assertUnusable(json, "it is not ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "7", "\"x\"", "null", "<html>"})
  void whatIsNoObjectIsUnusable(String json) {
    assertUnusable(json, "it is not ");
  }

  @Test
  void aByteOrderMarkIsIgnored() throws IOException {
    assertThat(read("\ufeff{\"a\":1}")).containsExactly("a=1");
  }

  @Test
  void moreAfterTheEndIsUnusable() {
    assertUnusable("{} {}", "more after its end");
  }

  @Test
  void otherEncodingsAreUnusable() {
    for (byte[] json : List.of("{\"ä\":1}".getBytes(ISO_8859_1), "{\"a\":1}".getBytes(UTF_16))) {
      assertThatThrownBy(() -> JSON.read(json, root -> {}))
          .isInstanceOf(UnusableJsonException.class);
    }
  }

  @Test
  void aNameThatOccursTwiceIsUnusableWhereNamesMustDiffer() throws IOException {
    byte[] twice = "{\"a\":1,\"a\":2}".getBytes(UTF_8);

    JSON.read(twice, root -> root.fields((name, value) -> {}));
    assertThatThrownBy(() -> JSON.read(twice, root -> root.distinctFields((name, value) -> {})))
        .isInstanceOf(UnusableJsonException.class)
        .hasMessageContaining("there twice");
  }

  @Test
  void onlyWholeNumbersOf64BitsAreNumbers() throws IOException {
    List<String> numbers = new ArrayList<>();
    JSON.read(
        "{\"a\":[-7,9223372036854775807,9223372036854775808,1.0,1e3,\"7\",true]}".getBytes(UTF_8),
        root ->
            root.fields(
                (name, list) ->
                    list.entries(
                        entry ->
                            numbers.add(
                                entry.number().isPresent()
                                    ? "" + entry.number().getAsLong()
                                    : "none"))));

    assertThat(numbers)
        .containsExactly("-7", "9223372036854775807", "none", "none", "none", "none", "none");
  }

  @Test
  void stringsThatAreTakenAreBounded() throws IOException {
    String fits = "x".repeat(64 << 10);

    assertThat(read("{\"a\":\"" + fits + "\"}")).containsExactly("a=" + fits);
    assertUnusable("{\"a\":\"" + fits + "xx\"}", "String value length");
  }

  /** Documents of 4 MiB, most of them valid, that would be many times as large as a tree. */
  private static List<String> largeDocuments() {
    return List.of(
        filled("{\"x\":[", "{},", "{}]}"),
        filled("{\"x\":[", "[[[]]],", "[]]}"),
        filled("{\"x\":[", "1,", "1]}"),
        filled("{\"x\":[", "\"\",", "1]}"),
        filled("{\"x\":[", "{\"a\":0},", "1]}"),
        filled("{\"x\":", "[", ""),
        filled("{\"x\":", "{\"a\":", ""),
        filled("{\"x\":\"", "y", "\"}"),
        filled("{\"", "y", "\":1}"),
        filled("{\"x\":", "9", "}"),
        filled("{\"x\":1.", "9", "}"),
        numbered("{\"x\":{", "\"N\":0,", "\"z\":0}}"),
        numbered("{", "\"N\":0,", "\"z\":0}"));
  }

  private static String filled(String begin, String piece, String end) {
    int times = (MAX - begin.length() - end.length()) / piece.length();
    return begin + piece.repeat(times) + end;
  }

  private static String numbered(String begin, String piece, String end) {
    StringBuilder json = new StringBuilder(begin);
    for (int i = 0x100000; json.length() + piece.length() + 10 + end.length() < MAX; i++) {
      json.append(piece.replace("N", Integer.toHexString(i)));
    }
    return json.append(end).toString();
  }

  /** S24: a million empty objects made a tree of a hundred megabytes. */
  @ParameterizedTest
  @MethodSource("largeDocuments")
  void memoryDoesNotDependOnTheContent(String json) {
    byte[] bytes = json.getBytes(UTF_8);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    List<String> names = new ArrayList<>();
    long before = threads.getCurrentThreadAllocatedBytes();
    try {
      JSON.read(bytes, root -> root.distinctFields((name, value) -> names.add("x")));
    } catch (IOException e) {
      assertThat(e).isInstanceOf(UnusableJsonException.class);
    }

    // All that was made, and not only what is left: a name is made, and is garbage at once.
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(64L << 20);
    assertThat(names).hasSizeLessThanOrEqualTo(1_000);
  }

  @SuppressWarnings("InputStreamSlowMultibyteRead") // it is short
  @Test
  void aStreamIsNotReadBeyondTheLimit() {
    ForeignJson small = ForeignJson.upTo(100_000);
    InputStream endless =
        new SequenceInputStream(
            new ByteArrayInputStream("{\"x\":\"".getBytes(UTF_8)),
            new InputStream() {
              private int left = 10_000_000;

              @Override
              public int read() {
                return left-- > 0 ? 'x' : -1;
              }
            });

    assertThatThrownBy(() -> small.read(endless, root -> {}))
        .isInstanceOf(UnusableJsonException.class)
        .hasMessageContaining("Document length");
  }

  @SuppressWarnings("InputStreamSlowMultibyteRead") // it fails at once
  @Test
  void aStreamThatFailsIsNoUnusableJson() {
    InputStream failing =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("cut");
          }
        };

    assertThatThrownBy(() -> JSON.read(failing, root -> {}))
        .isExactlyInstanceOf(IOException.class)
        .hasMessage("cut");
  }
}
