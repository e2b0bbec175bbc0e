package io.entrepot.upstream.registry;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
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

  private static List<String> lines(byte[] data) {
    return new String(data, ISO_8859_1).lines().toList();
  }
}
