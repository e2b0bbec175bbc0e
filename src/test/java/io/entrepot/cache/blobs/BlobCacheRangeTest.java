package io.entrepot.cache.blobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.entrepot.cache.BlobDelivery;
import io.entrepot.cache.BlobReader;
import io.entrepot.cache.CacheOutcome;
import io.entrepot.cache.Told;
import io.entrepot.fixture.Content;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Gate;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Digest;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.spool.SpoolFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Ranges of a blob of 12 MiB whose fill waits within the first mebibyte. */
class BlobCacheRangeTest extends BlobCacheFixture {
  private static final long MIB = 1 << 20;
  private static final long LARGE = 12 * MIB;
  private static final long FAR = 10 * MIB;

  private final Content content = Content.generated(LARGE, 7);
  private final Digest large = upstream.registry.putGeneratedBlob(LARGE, 7);
  private final Gate gate = new Gate();

  /** Begins the fill of the whole blob. */
  private CompletableFuture<Void> beginFill() throws InterruptedException {
    upstream.registry.inject(
        Recorded.blobGet(large).and(get -> get.header("Range") == null), Fault.gate(gate, MIB));
    CompletableFuture<BlobDelivery> whole = fetch(APP, large, null);
    lookups.runNext();
    CompletableFuture<Void> fill = upstream.fills.begin();
    gate.awaitReached();
    whole.join();
    forgetCosts();
    return fill;
  }

  /** Lets the upstream go on, and the fill with it. */
  private void endFill(CompletableFuture<Void> fill) {
    gate.release();
    fill.join();
    settle();
  }

  private List<String> ranges() {
    return upstream.registry.blobGets(large).stream()
        .map(get -> String.valueOf(get.header("Range")))
        .toList();
  }

  private void assertStored() throws IOException {
    assertThat(here.files.store().find(large).orElseThrow().readSound()).isEqualTo(content.bytes());
    assertThat(cache.find(pull(APP, large), large)).isPresent();
  }

  private double pulled() {
    return numbers.find("entrepot.pulled").counters().stream().mapToDouble(c -> c.count()).sum();
  }

  @Test
  void rangeFarAheadIsFetchedAtOnceAsAPartOfTheFillAndIsKept() throws Exception {
    CompletableFuture<Void> fill = beginFill();

    CompletableFuture<BlobDelivery> answer = fetch(APP, large, range(FAR, FAR + MIB - 1));
    assertThat(here.log.all()).isEmpty();
    upstream.fills.runNext();

    BlobDelivery part = Told.answer(answer);
    assertThat(part.outcome()).isEqualTo(CacheOutcome.JOINED);
    assertThat(part.blobSize()).isEqualTo(LARGE);
    assertThat(part.range()).isEqualTo(bytes(FAR, FAR + MIB - 1));
    assertThat(fill).isNotDone();
    assertThat(read(part)).isEqualTo(content.slice(FAR, FAR + MIB).bytes());
    assertThat(ranges()).containsExactly("bytes=" + FAR + "-" + (FAR + MIB - 1));
    endFill(fill);
    assertThat(ranges()).last().isEqualTo("bytes=" + (FAR + MIB) + "-" + (LARGE - 1));
    assertThat(pulled()).as("each byte once").isEqualTo(LARGE);
    assertStored();
  }

  @Test
  void rangeNotFarAheadWaitsForTheFill() throws Exception {
    CompletableFuture<Void> fill = beginFill();
    long first = 8 * MIB;

    CompletableFuture<BlobDelivery> answer = fetch(APP, large, range(first, first + 99));

    BlobDelivery joined = Told.answer(answer);
    assertThat(joined.outcome()).isEqualTo(CacheOutcome.JOINED);
    assertThat(joined.reader().read(ByteBuffer.allocate(100))).isZero();
    assertThat(upstream.fills.size()).isZero();
    gate.release();
    fill.join();
    assertThat(read(joined)).isEqualTo(content.slice(first, first + 100).bytes());
    assertThat(upstream.requests()).isEmpty();
  }

  @Test
  void partThatIsHereAlreadyCostsNothing() throws Exception {
    CompletableFuture<Void> fill = beginFill();
    var unused = fetch(APP, large, range(FAR, FAR + MIB - 1));
    upstream.fills.runNext();
    forgetCosts();

    BlobDelivery again = Told.answer(fetch(APP, large, range(FAR + 100, FAR + 199)));

    assertThat(read(again)).isEqualTo(content.slice(FAR + 100, FAR + 200).bytes());
    assertThat(upstream.fills.size()).isZero();
    assertThat(upstream.requests()).isEmpty();
    endFill(fill);
  }

  /** As a client that fetches one blob in parts. */
  @Test
  void blobThatIsFetchedInPartsCostsItsBytesOnce() throws Exception {
    CompletableFuture<Void> fill = beginFill();
    List<BlobDelivery> parts = new ArrayList<>();
    for (long first : new long[] {0, FAR, FAR + MIB}) {
      parts.add(Told.answer(fetch(APP, large, range(first, first + MIB - 1))));
    }
    parts.add(Told.answer(fetch(APP, large, range(MIB, FAR - 1))));
    upstream.fills.runAll();
    endFill(fill);

    for (BlobDelivery part : parts) {
      long first = part.reader().position();
      assertThat(read(part)).isEqualTo(content.slice(first, first + part.length()).bytes());
    }
    assertThat(pulled()).isEqualTo(LARGE);
    assertStored();
  }

  /** What an upstream may answer where a part was asked for. */
  enum Wrong {
    WHOLE,
    OTHER_RANGE,
    OTHER_SIZE,
    OTHER_ETAG,
    THROTTLED,
    LONGER;

    Fault fault() {
      return switch (this) {
        case WHOLE -> Fault.status(200); // the registry gives no parts at all
        case OTHER_RANGE -> Fault.header("Content-Range", "bytes 0-99/" + LARGE);
        case OTHER_SIZE ->
            Fault.header("Content-Range", "bytes " + FAR + "-" + (FAR + 99) + "/" + (LARGE + 1));
        case OTHER_ETAG -> Fault.header("ETag", "\"another\"");
        case THROTTLED -> Fault.throttled("1");
        case LONGER -> Fault.body(new byte[(int) LARGE]);
      };
    }
  }

  @ParameterizedTest
  @EnumSource
  void wrongAnswerToARangeLeavesOneStreamAndNoClientSeesIt(Wrong wrong) throws Exception {
    CompletableFuture<Void> fill = beginFill();
    upstream.registry.clearFaults();
    if (wrong == Wrong.WHOLE) {
      upstream.registry.withoutRanges();
    } else {
      upstream.registry.inject(Recorded.blobGet(large), wrong.fault(), 1);
    }

    BlobDelivery one = Told.answer(fetch(APP, large, range(FAR, FAR + 99)));
    upstream.fills.runAll();
    assertThat(one.reader().read(ByteBuffer.allocate(100))).as("nothing of it is used").isZero();
    BlobDelivery other = Told.answer(fetch(APP, large, range(FAR + 100, FAR + 199)));

    assertThat(upstream.fills.size()).as("it is remembered").isZero();
    endFill(fill);
    assertThat(read(one)).isEqualTo(content.slice(FAR, FAR + 100).bytes());
    assertThat(read(other)).isEqualTo(content.slice(FAR + 100, FAR + 200).bytes());
    assertThat(upstream.registry.blobGets(large)).hasSize(1);
    assertStored();
  }

  @Test
  void rangeFarAheadFollowsTheFillWhereNoThreadIsFree() throws Exception {
    CompletableFuture<Void> fill = beginFill();
    upstream.fills.full(true);

    CompletableFuture<BlobDelivery> answer = fetch(APP, large, range(FAR, FAR + 99));

    BlobDelivery joined = Told.answer(answer);
    assertThat(joined.outcome()).isEqualTo(CacheOutcome.JOINED);
    gate.release();
    fill.join();
    assertThat(read(joined)).hasSize(100);
  }

  @Test
  void segmentThatBreaksOffGoesOnWhereItWas() throws Exception {
    CompletableFuture<Void> fill = beginFill();
    upstream.registry.inject(
        Recorded.blobGet(large).and(get -> get.header("Range") != null), Fault.closeAfter(1000), 1);

    BlobDelivery part = Told.answer(fetch(APP, large, range(FAR, FAR + 4999)));
    upstream.fills.runNext();

    assertThat(read(part)).isEqualTo(content.slice(FAR, FAR + 5000).bytes());
    assertThat(ranges())
        .containsExactly(
            "bytes=" + FAR + "-" + (FAR + 4999), "bytes=" + (FAR + 1000) + "-" + (FAR + 4999));
    endFill(fill);
    assertThat(pulled()).isEqualTo(LARGE);
  }

  /** Its client has the rest later, from the fill. */
  @Test
  void segmentThatFailsIsLeftToTheFill() throws Exception {
    CompletableFuture<Void> fill = beginFill();
    upstream.registry.inject(
        Recorded.blobGet(large).and(get -> get.header("Range") != null), Fault.status(503), 4);

    BlobDelivery part = Told.answer(fetch(APP, large, range(FAR, FAR + 4999)));
    upstream.fills.runNext();
    assertThat(part.reader().read(ByteBuffer.allocate(100))).isZero();
    endFill(fill);

    assertThat(read(part)).isEqualTo(content.slice(FAR, FAR + 5000).bytes());
    assertStored();
  }

  /** Ranges from one byte on to the end: before the last mebibyte, and in it. */
  @Test
  void endOfABlobWaitsForTheVerificationUnlessItIsReadAlone() throws Exception {
    CompletableFuture<Void> fill = beginFill();
    long begin = LARGE - MIB - 1;
    BlobDelivery rest = Told.answer(fetch(APP, large, range(begin, LARGE - 1)));
    BlobDelivery footer = Told.answer(fetch(APP, large, range(LARGE - 1000, LARGE - 1)));
    upstream.fills.runAll();

    assertThat(FillsFixture.readSoFar(rest.reader()))
        .isEqualTo(content.slice(begin, LARGE - SpoolFile.HOLD_BACK).bytes());
    assertThat(read(footer)).isEqualTo(content.slice(LARGE - 1000, LARGE).bytes());
    endFill(fill);
    assertThat(FillsFixture.readSoFar(rest.reader()))
        .isEqualTo(content.slice(LARGE - SpoolFile.HOLD_BACK, LARGE).bytes());
    rest.close();
  }

  @Test
  void wrongByteInASegmentFailsTheWholeFill() throws Exception {
    CompletableFuture<Void> fill = beginFill();
    upstream.registry.inject(
        Recorded.blobGet(large).and(get -> get.header("Range") != null), Fault.corrupt(7), 1);
    BlobDelivery rest = Told.answer(fetch(APP, large, range(FAR, LARGE - 1)));
    upstream.fills.runNext();
    endFill(fill);

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> readToTheEnd(rest.reader()))
        .havingCause()
        .isInstanceOfSatisfying(
            OciException.class, e -> assertThat(e.error()).isEqualTo(OciError.UPSTREAM_FAILED));
    assertThat(rest.reader().remaining()).isGreaterThanOrEqualTo(SpoolFile.HOLD_BACK);
    rest.close();
    assertThat(here.files.store().find(large)).isEmpty();

    forgetCosts();
    CompletableFuture<BlobDelivery> again = fetch(APP, large, null);
    upstream.registry.clearFaults();
    settle();
    assertThat(read(Told.answer(again))).isEqualTo(content.bytes());
    assertThat(ranges()).as("one stream").containsExactly("null");
  }

  private static void readToTheEnd(BlobReader reader) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(64 << 10);
    while (reader.read(chunk.clear()) > 0) {}
  }

  @Test
  void partOfAnotherClientDoesNotEndWithTheFill() throws IOException, InterruptedException {
    CompletableFuture<Void> fill = beginFill();
    CompletableFuture<BlobDelivery> answer = fetch(APP, large, range(FAR, LARGE - 1));
    upstream.fills.runNext();
    BlobDelivery part = Told.answer(answer);

    endFill(fill);

    assertThat(read(part)).isEqualTo(content.slice(FAR, LARGE).bytes());
  }

  /** Once an upstream has sent a part, its blobs are asked for in parts from their beginning. */
  @Test
  void blobsOfAnUpstreamThatSendsPartsAreAskedForInParts() throws Exception {
    CompletableFuture<Void> fill = beginFill();
    var unused = fetch(APP, large, range(FAR, FAR + 99));
    upstream.fills.runNext();
    endFill(fill);
    long size = rules.blobs().parts().length() + MIB;
    Digest next = upstream.registry.putGeneratedBlob(size, 8);

    CompletableFuture<BlobDelivery> whole = fetch(APP, next, null);
    settle();

    assertThat(read(Told.answer(whole))).isEqualTo(Content.generated(size, 8).bytes());
    assertThat(upstream.registry.blobGets(next))
        .extracting(get -> get.header("Range"))
        .containsExactly("bytes=0-16777215", "bytes=16777216-" + (size - 1));
  }

  /** A fill that all have left, and later another client. */
  @Test
  void whatWasFetchedAheadIsNotFetchedAgainByALaterFill() throws Exception {
    rules = rules(0, 100);
    CompletableFuture<BlobDelivery> first = fetch(APP, large, null);
    upstream.registry.inject(
        Recorded.blobGet(large).and(get -> get.header("Range") == null), Fault.gate(gate, MIB));
    lookups.runNext();
    CompletableFuture<Void> fill = upstream.fills.begin();
    gate.awaitReached();
    BlobDelivery whole = first.join();
    BlobDelivery part = Told.answer(fetch(APP, large, range(FAR, FAR + MIB - 1)));
    upstream.fills.runNext();
    while (pulled() < 2 * MIB) {
      Thread.onSpinWait();
    }
    part.close();
    whole.close();
    gate.release();
    fill.join();
    upstream.registry.clearFaults();
    forgetCosts();

    CompletableFuture<BlobDelivery> later = fetch(APP, large, null);
    settle();

    assertThat(read(Told.answer(later))).isEqualTo(content.bytes());
    assertThat(ranges()).hasSize(2).first().asString().matches("bytes=1[01]\\d{5}-" + (FAR - 1));
    assertThat(ranges()).last().isEqualTo("bytes=" + (FAR + MIB) + "-" + (LARGE - 1));
    assertStored();
  }
}
