package io.entrepot.upstream.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Tag;
import io.entrepot.upstream.Resolution;
import io.entrepot.upstream.UpstreamException;
import java.time.Duration;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CacheControlTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "max-age=300 | | 300",
        "public, Max-Age=300 | 100 | 200",
        "max-age=\"300\" | | 300",
        "max-age=300 | 400 | 0",
        "max-age=300 | soon | 300",
        "max-age=300, s-maxage=60 | | 60",
        "s-maxage=600, max-age=0 | | 600",
        "max-age=300, max-age=30 | | 30",
        "ext=\"a, max-age=9\", max-age=3 | | 3",
        "max-age=300, no-cache | | 0",
        "no-store, max-age=300 | | 0",
        "private=\"set-cookie\", max-age=300 | | 0",
        "max-age=-1 | | 0",
        "max-age=later | | 0",
        "max-age | | 0",
        "public | | 0",
        "max-age=300, @@@ | | 0",
        "max-age=99999999999999999999 | | 31536000",
        ", max-age=5 ,, | | 5"
      })
  void freshnessIsWhatASharedCacheMayBelieve(String field, String age, long seconds) {
    assertThat(CacheControl.freshFor(List.of(field), age)).hasSeconds(seconds);
  }

  @Test
  void nothingSaidIsNothingPromised() {
    assertThat(CacheControl.freshFor(List.of(), "5")).isZero();
    assertThat(CacheControl.freshFor(List.of("max-age=60", "no-cache"), null)).isZero();
  }

  @Property
  void anyTextIsRead(@ForAll String field, @ForAll String age) {
    assertThat(CacheControl.freshFor(List.of(field, "max-age=" + field), age))
        .isBetween(Duration.ZERO, Duration.ofDays(365));
  }

  @Test
  void resolutionBearsItByHeadAndByGet() throws Exception {
    try (Bench bench = new Bench()) {
      bench.registry.putManifest(
          Bench.NAME,
          "latest",
          TYPE,
          ("{\"schemaVersion\":2,\"mediaType\":\"" + TYPE + "\",\"layers\":[]}").getBytes(UTF_8));
      bench.registry.inject(
          Recorded.manifest("latest"), Fault.header("Cache-Control", "max-age=60"));
      assertThat(resolve(bench).freshFor()).hasSeconds(60);
      bench.registry.inject(
          Recorded.manifest("latest"), Fault.withoutHeader("Docker-Content-Digest"));
      assertThat(resolve(bench).freshFor()).hasSeconds(60);
    }
  }

  private static final String TYPE = "application/vnd.oci.image.manifest.v1+json";

  private static Resolution resolve(Bench bench) throws UpstreamException {
    return bench.upstream().resolve(Bench.REPOSITORY, new Tag("latest"), bench.cost);
  }
}
