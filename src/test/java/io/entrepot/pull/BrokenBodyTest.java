package io.entrepot.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Gate;
import io.entrepot.fixture.Recorded;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bodies that the upstream cuts at any byte, in every way (F8). Clients get a complete body. */
class BrokenBodyTest {
  private static final int CUTS = 10;
  private static final long PART_LENGTH = 250_000;

  @TempDir Path folder;
  private BlobBench bench;

  @BeforeEach
  void start() {
    bench = new BlobBench(folder);
    bench.restart(builder -> builder.set("proxy.idletimeout", "700ms"));
  }

  @AfterEach
  void stop() {
    bench.close();
  }

  static Stream<Named<LongFunction<Fault>>> cuts() {
    return Stream.of(
        Named.of("reset", Fault::resetAfter),
        Named.of("truncated", Fault::closeAfter),
        Named.of("stalled", Fault::stallAfter));
  }

  @ParameterizedTest
  @MethodSource("cuts")
  void tenCutsInOneBlobAreUnseen(LongFunction<Fault> cut) {
    bench.inject(cut.apply(PART_LENGTH), CUTS);
    bench.assertWhole(bench.get());
    List<Recorded> gets = bench.upstream.blobGets(bench.blob);
    assertThat(gets).hasSizeBetween(CUTS, CUTS + 5);
    assertThat(gets.subList(1, gets.size()))
        .allSatisfy(get -> assertThat(get.status()).isEqualTo(206))
        .allSatisfy(get -> assertThat(get.header("Range")).matches("bytes=\\d+-"))
        .allSatisfy(get -> assertThat(get.header("If-Range")).isNotNull());
    assertThat(gets.stream().skip(1).map(BrokenBodyTest::firstByte)).isSorted();
    bench.assertKept();
  }

  /** The cuts except resets, because a reset may discard bytes that were sent. */
  static Stream<Named<LongFunction<Fault>>> cutsThatTakeNothingBack() {
    return cuts().skip(1);
  }

  /**
   * Each answer is a 200 that begins at the first byte again, but is cut later than the one before.
   */
  @ParameterizedTest
  @MethodSource("cutsThatTakeNothingBack")
  void tenCutsByAnUpstreamWithoutRangesAreUnseen(LongFunction<Fault> cut) {
    bench.upstream.withoutRanges();
    injectEachFurther(cut);
    bench.assertWhole(bench.get());
    assertReadOverEachTime();
    bench.assertKept();
  }

  @ParameterizedTest
  @MethodSource("cutsThatTakeNothingBack")
  void tenCutsByAnUpstreamWhoseEtagNeverStaysAreUnseen(LongFunction<Fault> cut) {
    bench.inject(Fault.header("ETag", "\"momentary\""), FakeRegistry.ALWAYS);
    injectEachFurther(cut);
    bench.assertWhole(bench.get());
    assertReadOverEachTime();
    assertThat(bench.upstream.blobGets(bench.blob).stream().skip(1))
        .allSatisfy(get -> assertThat(get.header("If-Range")).isEqualTo("\"momentary\""));
    bench.assertKept();
  }

  /** Faults of a body add up, so each is injected for one certain request. */
  private void injectEachFurther(LongFunction<Fault> cut) {
    for (int i = 1; i <= CUTS; i++) {
      int number = i;
      bench.upstream.inject(
          Recorded.blobGet(bench.blob)
              .and(r -> bench.upstream.blobGets(bench.blob).size() == number - 1),
          cut.apply(PART_LENGTH * number),
          1);
    }
  }

  private void assertReadOverEachTime() {
    List<Recorded> gets = bench.upstream.blobGets(bench.blob);
    assertThat(gets).hasSize(CUTS + 1);
    assertThat(gets.stream().map(Recorded::status)).containsOnly(200);
    assertThat(gets.stream().skip(1).map(BrokenBodyTest::firstByte)).isSorted();
  }

  private static long firstByte(Recorded get) {
    String range = Objects.requireNonNull(get.header("Range"));
    return Long.parseLong(range.substring("bytes=".length(), range.length() - 1));
  }

  @Test
  void resetOfAnUpstreamWithoutRangesIsReadOverFromTheBeginning() {
    bench.upstream.withoutRanges();
    bench.inject(Fault.resetAfter(1_000_000), 1);
    bench.assertWhole(bench.get());
    assertThat(bench.upstream.blobGets(bench.blob)).hasSize(2);
    bench.assertKept();
  }

  @Test
  void changedEtagIsReadOverFromTheBeginning() throws Exception {
    Gate gate = bench.upstream.hold(bench.blob, 1_000_000);
    bench.inject(Fault.resetAfter(1_500_000), 1);
    CompletableFuture<HttpResponse<byte[]>> client = bench.getLater();
    gate.awaitReached();
    bench.upstream.etag(bench.blob, "\"another\"");
    gate.release();
    bench.assertWhole(client.get(60, TimeUnit.SECONDS));
    assertThat(bench.upstream.blobGets(bench.blob))
        .extracting(Recorded::status)
        .containsExactly(200, 200);
    bench.assertKept();
  }

  @Test
  void cutsWithoutProgressEndInAnAbortAndNothingIsKept() throws IOException {
    bench.inject(Fault.resetAfter(1_000_000), 1);
    bench.upstream.inject(
        r -> r.method().equals("GET") && r.header("Range") != null, Fault.resetAfter(0));
    assertThatThrownBy(() -> bench.get()).isInstanceOf(UncheckedIOException.class);
    bench.awaitIdle();
    assertThat(bench.upstream.blobGets(bench.blob)).hasSize(4);
    assertThat(bench.files("blobs")).isEmpty();
    assertThat(bench.files("spool")).isEmpty();
    bench.upstream.clearFaults();
    bench.assertWhole(bench.get());
  }
}
