package io.entrepot.cache.blobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.entrepot.cache.BlobReader;
import io.entrepot.cache.CacheMeters;
import io.entrepot.cache.ClientErrors;
import io.entrepot.cache.Told;
import io.entrepot.catalog.LinkKind;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Digest;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.RepositoryName;
import io.entrepot.spool.SpoolFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/** The end of a fill: the order of the answers to clients, the store and the in-flight map. */
class FillsTest extends FillsFixture {
  private boolean isLinked(RepositoryName repository) {
    return here.content.findKnown(repository, digest, LinkKind.BLOB).isPresent();
  }

  @Test
  void blobIsStoredAndLinkedBeforeItLeavesTheMap() throws IOException {
    InFlightBlob flight = enter(digest);
    List<Boolean> linked = new ArrayList<>();
    fills.begin(flight, pull(digest), () -> linked.add(isLinked(APP)));
    assertThat(flight.started()).isNotDone();

    upstream.fills.runNext();

    assertThat(linked).containsExactly(true);
    assertThat(flight.started()).isCompletedWithValue((long) SIZE);
    assertThat(here.files.store().find(digest).orElseThrow().readSound()).isEqualTo(bytes);
    assertThat(spooled()).isEmpty();
    assertThat(count("entrepot.pulled")).isEqualTo(SIZE);
  }

  @Test
  void blobIsLinkedForAllWhoMayHaveItByThen() {
    RepositoryName other = RepositoryName.of("team/other");
    InFlightBlob flight = enter(digest);
    begin(flight);
    flight.authorised().add(other);

    upstream.fills.runNext();

    assertThat(isLinked(APP)).isTrue();
    assertThat(isLinked(other)).isTrue();
    assertThat(isLinked(RepositoryName.of("team/third"))).isFalse();
  }

  @Test
  void clientReadsAlongAndKeepsItsBytesAfterTheCommit() throws IOException {
    InFlightBlob flight = enter(digest);
    CompletableFuture<BlobReader> reader = joinAtOnce(flight);
    begin(flight);

    upstream.fills.runNext();

    assertThat(readSoFar(reader.join())).isEqualTo(bytes);
    assertThat(reader.join().read(ByteBuffer.allocate(1))).isEqualTo(-1);
    reader.join().close();
    assertThat(flight.join(null, SIZE)).as("the store knows more now").isNull();
  }

  @Test
  void largeBlobIsPromisedBeforeItIsThereAndASmallOneWhenItIsVerified() {
    List<Integer> written = new ArrayList<>();
    Digest small = upstream.registry.putBlob(new byte[SpoolFile.HOLD_BACK]);
    for (Digest one : List.of(digest, small)) {
      InFlightBlob flight = enter(one);
      var unused = flight.started().thenRun(() -> written.add((int) count("entrepot.pulled")));
      begin(flight);
    }

    upstream.fills.runAll();

    assertThat(written).containsExactly(0, SIZE + SpoolFile.HOLD_BACK);
  }

  @Test
  void failureIsToldAfterTheFlightHasLeftTheMap() {
    upstream.registry.inject(Recorded.blobGet(digest), Fault.status(404));
    InFlightBlob flight = enter(digest);
    List<Integer> inside = new ArrayList<>();
    var unused = flight.started().whenComplete((size, e) -> inside.add(inFlight.size()));
    begin(flight);

    upstream.fills.runNext();

    assertThat(inside).containsExactly(0);
    assertThat(Told.failureOf(flight.started()).error()).isEqualTo(OciError.BLOB_UNKNOWN);
    assertThat(flight.failed()).isDone();
    assertThat(isLinked(APP)).isFalse();
  }

  @Test
  void fullThreadsFailTheFlightAfterItHasLeftTheMap() {
    upstream.fills.full(true);
    InFlightBlob flight = enter(digest);
    List<Integer> inside = new ArrayList<>();
    var unused = flight.started().whenComplete((size, e) -> inside.add(inFlight.size()));

    begin(flight);

    assertThat(inside).containsExactly(0);
    OciException told = Told.failureOf(flight.started());
    assertThat(told.error()).isEqualTo(OciError.UNAVAILABLE);
    assertThat(told.retryAfter()).contains(ClientErrors.SOON);
  }

  @Test
  void unexpectedErrorLeavesNoClientWaiting() {
    upstream.failUnforeseen(new AssertionError("nobody foresaw this"));
    InFlightBlob flight = enter(digest);
    begin(flight);

    assertThatExceptionOfType(RuntimeException.class).isThrownBy(upstream.fills::runNext);

    assertThat(inFlight.size()).isZero();
    assertThat(Told.failureOf(flight.started()).error()).isEqualTo(OciError.INTERNAL);
  }

  @Test
  void wrongBlobIsNotStoredAndNobodyGetsItsEnd() throws IOException {
    upstream.registry.inject(Recorded.blobGet(digest), Fault.corrupt(-1));
    InFlightBlob flight = enter(digest);
    CompletableFuture<BlobReader> reader = joinAtOnce(flight);
    begin(flight);

    upstream.fills.runNext();

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> readSoFar(reader.join()))
        .havingCause()
        .isInstanceOfSatisfying(
            OciException.class, e -> assertThat(e.error()).isEqualTo(OciError.UPSTREAM_FAILED));
    assertThat(reader.join().remaining()).isPositive();
    reader.join().close();
    assertThat(here.files.store().find(digest)).isEmpty();
    assertThat(isLinked(APP)).isFalse();
    assertThat(spooled()).isEmpty();
    assertThat(count("entrepot.corrupt")).isEqualTo(1);
  }

  @Test
  void wrongSmallBlobFailsBeforeAnyByteIsPromised() {
    Digest small = upstream.registry.putBlob(new byte[100]);
    upstream.registry.inject(Recorded.blobGet(small), Fault.corrupt(0));
    InFlightBlob flight = enter(small);
    begin(flight);

    upstream.fills.runNext();

    assertThat(Told.failureOf(flight.started()).error()).isEqualTo(OciError.UPSTREAM_FAILED);
  }

  @Test
  void blobThatGrowsTooLargeIsBrokenOff() {
    rules = BlobCacheFixture.rules(SIZE / 2, 0);
    upstream.registry.inject(Recorded.blobGet(digest), Fault.chunked());
    InFlightBlob flight = enter(digest);
    begin(flight);

    upstream.fills.runNext();

    assertThat(Told.failureOf(flight.started()).error()).isEqualTo(OciError.DENIED);
    assertThat(count("entrepot.pulled")).isLessThanOrEqualTo(SIZE / 2.0);
  }

  @Test
  void brokenFillGoesOnWhereItWas() throws IOException {
    upstream.registry.inject(Recorded.blobGet(digest), Fault.closeAfter(200_000), 1);
    InFlightBlob flight = enter(digest);
    CompletableFuture<BlobReader> reader = joinAtOnce(flight);
    begin(flight);

    upstream.fills.runNext();

    assertThat(readSoFar(reader.join())).isEqualTo(bytes);
    reader.join().close();
    assertThat(upstream.registry.blobGets(digest))
        .extracting(get -> String.valueOf(get.header("Range")))
        .containsExactly("null", "bytes=200000-");
    assertThat(count("entrepot.pulled")).isEqualTo(SIZE);
  }

  /** A stop interrupts the thread of each fill. That is no error of the fill. */
  @Test
  void stopThatInterruptsAFillIsOneLineAndNoError() {
    upstream.registry.inject(Recorded.blobGet(digest), Fault.closeAfter(200_000), 1);
    fills =
        new Fills(
            here.files.spool(),
            inFlight,
            new BlobProviders(here.content, Optional.empty()),
            (n, asked) -> {
              Thread.currentThread().interrupt();
              throw new IOException("the application stops");
            },
            new CacheMeters(meters),
            clock,
            () -> 0);
    InFlightBlob flight = enter(digest);
    begin(flight);
    List<LogRecord> told = new ArrayList<>();
    Logger logger = Logger.getLogger(Fills.class.getName());
    Handler handler = new Remembering(told);
    logger.addHandler(handler);

    try {
      upstream.fills.runNext();
    } finally {
      logger.removeHandler(handler);
      var unused = Thread.interrupted(); // for the next test
    }

    assertThat(flight.failed()).isDone();
    assertThat(told).hasSize(1);
    assertThat(told.get(0).getLevel()).isEqualTo(Level.INFO);
    assertThat(told.get(0).getThrown()).isNull();
  }

  /** Keeps what is logged. */
  private static final class Remembering extends Handler {
    private final List<LogRecord> told;

    Remembering(List<LogRecord> told) {
      this.told = told;
    }

    @Override
    public void publish(LogRecord line) {
      told.add(line);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  @Test
  void parkedReaderIsWokenByTheNextBytesAndByAFailure() throws Exception {
    var gate = upstream.registry.hold(digest, 150_000);
    upstream.registry.inject(Recorded.blobGet(digest), Fault.corrupt(-1));
    InFlightBlob flight = enter(digest);
    CompletableFuture<BlobReader> joined = joinAtOnce(flight);
    begin(flight);
    CompletableFuture<Void> fill = upstream.fills.begin();
    gate.awaitReached();
    BlobReader reader = joined.join();
    CompletableFuture<Void> grown = new CompletableFuture<>();
    readSoFar(reader);
    reader.park(() -> grown.complete(null));

    gate.release();
    grown.join();
    fill.join();
    CompletableFuture<Void> failed = new CompletableFuture<>();
    reader.park(() -> failed.complete(null));

    assertThat(failed).isDone();
    assertThatExceptionOfType(IOException.class).isThrownBy(() -> readSoFar(reader));
    reader.close();
  }
}
