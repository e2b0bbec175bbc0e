package io.entrepot.cache.blobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.cache.BlobDelivery;
import io.entrepot.cache.BlobReader;
import io.entrepot.cache.Told;
import io.entrepot.catalog.LinkKind;
import io.entrepot.fixture.Content;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Gate;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.ByteRange;
import io.entrepot.oci.Digest;
import io.entrepot.oci.OciError;
import io.entrepot.spool.SpoolFile;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/**
 * Fills that all clients have left (F16), and ranges that are fetched separately for one client.
 */
class FillsAbandonedTest extends FillsFixture {
  private static final int MIB = 1 << 20;
  private static final int LARGE = 20 * MIB;

  private final Digest large = upstream.registry.putGeneratedBlob(LARGE, 7);
  private final Content content = Content.generated(LARGE, 7);

  /** Begins a fill that waits after one mebibyte; one client joins it and leaves. */
  private CompletableFuture<Void> beginAndLeave(InFlightBlob flight) throws InterruptedException {
    Gate gate = upstream.registry.hold(large, MIB);
    CompletableFuture<BlobReader> joined = joinAtOnce(flight);
    begin(flight);
    CompletableFuture<Void> fill = upstream.fills.begin();
    gate.awaitReached();
    joined.join().close();
    gate.release();
    upstream.registry.clearFaults();
    return fill;
  }

  @Test
  void fillThatAllHaveLeftEarlyIsBrokenOff() throws Exception {
    rules = BlobCacheFixture.rules(0, 50);
    InFlightBlob flight = enter(large);

    beginAndLeave(flight).join();

    assertThat(flight.isAbandoned()).isTrue();
    assertThat(flight.failed()).isDone();
    assertThat(flight.join(null, LARGE)).isNull();
    assertThat(inFlight.size()).isZero();
    assertThat(here.content.findKnown(APP, large, LinkKind.BLOB)).isEmpty();
    assertThat(count("entrepot.pulled")).isLessThan(LARGE / 2.0);
  }

  /** The file must be released by then, so that the next fill can continue it. */
  @Test
  void nextFillFindsTheSpoolFileOfAnAbandonedOneFree() throws Exception {
    rules = BlobCacheFixture.rules(0, 50);
    InFlightBlob flight = enter(large);
    CompletableFuture<Boolean> free =
        flight
            .failed()
            .thenApply(
                ended -> {
                  SpoolFile next = here.files.spool().begin(flight.key(), LARGE);
                  boolean named = String.valueOf(next.path().getFileName()).endsWith(".part");
                  here.files.spool().discard(next);
                  next.release();
                  return named;
                });

    beginAndLeave(flight).join();

    assertThat(free).isCompletedWithValue(true);
  }

  @Test
  void fillThatAllHaveLeftGoesOnWhereEveryFillIsToBeFinished() throws Exception {
    InFlightBlob flight = enter(large);

    beginAndLeave(flight).join();

    assertThat(here.content.findKnown(APP, large, LinkKind.BLOB)).isPresent();
    assertThat(upstream.registry.blobGets(large)).hasSize(1);
  }

  @Test
  void fillThatNobodyHasJoinedYetGoesOn() {
    rules = BlobCacheFixture.rules(0, 50);
    InFlightBlob flight = enter(large);
    begin(flight);

    upstream.fills.runNext();

    assertThat(flight.isAbandoned()).isFalse();
    assertThat(here.content.findKnown(APP, large, LinkKind.BLOB)).isPresent();
  }

  @Test
  void fillGoesOnWhileOneOfItsClientsStays() throws Exception {
    rules = BlobCacheFixture.rules(0, 50);
    InFlightBlob flight = enter(large);
    CompletableFuture<BlobReader> patient = joinAtOnce(flight);

    beginAndLeave(flight).join();

    assertThat(flight.isAbandoned()).isFalse();
    assertThat(readSoFar(patient.join())).isEqualTo(content.bytes());
    patient.join().close();
  }

  private CompletableFuture<BlobDelivery> fetchApart(long first, long last) {
    return fills.fetchApart(pull(large), large, new ByteRange(first, last), LARGE);
  }

  @Test
  void rangeIsFetchedApartAndNothingOfItIsKept() throws IOException {
    CompletableFuture<BlobDelivery> answer = fetchApart(5 * MIB, 6 * MIB - 1);
    upstream.fills.runNext();

    BlobDelivery part = Told.answer(answer);
    assertThat(part.blobSize()).isEqualTo(LARGE);
    assertThat(part.length()).isEqualTo(MIB);
    assertThat(BlobCacheFixture.read(part)).isEqualTo(content.slice(5 * MIB, 6 * MIB).bytes());
    assertThat(here.files.store().find(large)).isEmpty();
    assertThat(spooled()).isEmpty();
    assertThat(count("entrepot.pulled")).isEqualTo(MIB);
  }

  @Test
  void rangeIsRefusedWhereTheUpstreamGivesNoParts() throws IOException {
    upstream.registry.withoutRanges();

    CompletableFuture<BlobDelivery> answer = fetchApart(5 * MIB, 6 * MIB - 1);
    upstream.fills.runNext();

    assertThat(Told.failureOf(answer).error()).isEqualTo(OciError.UPSTREAM_FAILED);
    assertThat(count("entrepot.pulled")).isZero();
    assertThat(spooled()).isEmpty();
  }

  @Test
  void rangeIsRefusedWhereNoThreadIsFree() {
    upstream.fills.full(true);

    assertThat(Told.failureOf(fetchApart(0, 0)).error()).isEqualTo(OciError.UNAVAILABLE);
  }

  @Test
  void rangeIsNoLongerFetchedWhenItsClientHasLeft() throws Exception {
    Gate gate = upstream.registry.hold(large, MIB);
    CompletableFuture<BlobDelivery> answer = fetchApart(0, LARGE - 2);
    CompletableFuture<Void> fill = upstream.fills.begin();
    gate.awaitReached();
    answer.join().close();

    gate.release();
    fill.join();

    assertThat(count("entrepot.pulled")).isLessThan(LARGE / 2.0);
    assertThat(spooled()).isEmpty();
  }

  @Test
  void rangeThatBreaksOffGoesOnWhereItWas() throws IOException {
    upstream.registry.inject(Recorded.blobGet(large), Fault.closeAfter(1000), 1);

    CompletableFuture<BlobDelivery> answer = fetchApart(5000, 9999);
    upstream.fills.runNext();

    assertThat(BlobCacheFixture.read(Told.answer(answer)))
        .isEqualTo(content.slice(5000, 10_000).bytes());
    assertThat(upstream.registry.blobGets(large))
        .extracting(get -> get.header("Range"))
        .containsExactly("bytes=5000-9999", "bytes=6000-9999");
  }
}
