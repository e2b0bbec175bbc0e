package io.entrepot.cache.blobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

import io.entrepot.cache.BlobDelivery;
import io.entrepot.cache.CacheOutcome;
import io.entrepot.cache.Told;
import io.entrepot.fixture.Content;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Gate;
import io.entrepot.fixture.Recorded;
import io.entrepot.fixture.Reply;
import io.entrepot.oci.Digest;
import io.entrepot.oci.OciError;
import io.entrepot.spool.SpoolFile;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Bytes of one upstream are linked to a repository of another only if that one has sent a stretch
 * of them (S30), and a client who may not have them learns nothing (S31).
 */
class LinkProofTest extends BorderFixture {
  private static final int STRETCH = LinkProof.STRETCH;

  /** The requests to the lab, with their ranges. */
  private List<String> asked() {
    return lab.registry.requests().stream()
        .map(r -> r.method() + (r.header("Range") == null ? "" : " " + r.header("Range")))
        .toList();
  }

  private double pulled() {
    return numbers.find("entrepot.pulled").tag("upstream", "lab").counters().stream()
        .mapToDouble(counter -> counter.count())
        .sum();
  }

  /** Stores a blob that {@code docker.io} has sent. */
  private void store(byte[] blob, Digest wanted) {
    here.putUnknownToMemory(APP, wanted, blob);
  }

  @Test
  void upstreamThatConfirmsEverythingByHeadGetsNothingOut() throws IOException {
    pullOnce(APP);
    byte[] lie = new byte[SIZE];
    lab.registry.front((request, registry) -> Reply.of(200, Content.of(lie)));

    CompletableFuture<BlobSize> head = cache.head(pull(lab, LAB_APP, digest), digest);
    settleLab();
    assertThat(Told.answer(head).size()).isEqualTo(SIZE);
    CompletableFuture<BlobDelivery> answer = fetchFromLab();
    CompletableFuture<BlobDelivery> another = fetchFromLab(LAB_OTHER, digest);
    settleLab();

    for (CompletableFuture<BlobDelivery> each : List.of(answer, another)) {
      assertThatIOException()
          .isThrownBy(() -> read(Told.answer(each)))
          .withMessageContaining("the upstream sent other bytes");
    }
    assertThat(labHas(digest)).isFalse();
    assertThat(here.files.store().find(digest).orElseThrow().readSound()).isEqualTo(bytes);
  }

  @Test
  void stretchIsProofAndIsAllThatIsFetched() throws IOException {
    pullOnce(APP);
    lab.registry.putBlob(bytes);

    CompletableFuture<BlobDelivery> answer = fetchFromLab();
    CompletableFuture<BlobDelivery> another = fetchFromLab();
    settleLab();

    assertGiven(answer, CacheOutcome.LINKED);
    assertGiven(another, CacheOutcome.LINKED);
    assertThat(asked()).singleElement().asString().startsWith("GET bytes=");
    assertThat(pulled()).isEqualTo(STRETCH);
    assertThat(labHas(digest)).isTrue();
    assertThat(upstream.requests()).isEmpty();
  }

  /** From then on the bytes are the lab's too. */
  @Test
  void headIsEnoughOnceTheSameUpstreamHasSentThem() throws IOException {
    pullOnce(APP);
    lab.registry.putBlob(bytes);
    CompletableFuture<BlobDelivery> first = fetchFromLab();
    settleLab();
    assertGiven(first, CacheOutcome.LINKED);
    lab.registry.clearRequests();

    CompletableFuture<BlobDelivery> second = fetchFromLab(LAB_OTHER, digest);
    settleLab();

    assertGiven(second, CacheOutcome.LINKED);
    assertThat(asked()).containsExactly("HEAD");
  }

  @Test
  void stretchIsChosenAnewEachTime() {
    store(bytes, digest);
    lab.registry.inject(Recorded.blobGet(digest), Fault.status(403));
    for (int i = 0; i < 3; i++) {
      CompletableFuture<BlobDelivery> refused = fetchFromLab();
      settleLab();
      assertThat(Told.failureOf(refused).error()).isEqualTo(OciError.DENIED);
    }
    assertThat(asked()).hasSize(3).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @CsvSource({"0, 0-65535", "234464, 234464-299999"})
  void stretchMayBeAnywhereInTheBlob(long first, String range) throws IOException {
    pullOnce(APP);
    lab.registry.putBlob(bytes);
    random.choose(first);

    CompletableFuture<BlobDelivery> answer = fetchFromLab();
    settleLab();

    assertGiven(answer, CacheOutcome.LINKED);
    assertThat(asked()).containsExactly("GET bytes=" + range);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, STRETCH})
  void smallBlobIsSentWhole(int size) throws IOException {
    byte[] small = Arrays.copyOf(bytes, size);
    Digest wanted = lab.registry.putBlob(small);
    store(small, wanted);

    CompletableFuture<BlobDelivery> answer = fetchFromLab(LAB_APP, wanted);
    settleLab();

    assertThat(Told.answer(answer).outcome()).isEqualTo(CacheOutcome.LINKED);
    assertThat(read(Told.answer(answer))).isEqualTo(small);
    assertThat(asked()).containsExactly("GET");
    assertThat(pulled()).isEqualTo(size);
  }

  @Test
  void upstreamThatIgnoresRangesIsReadUntilTheStretch() throws IOException {
    pullOnce(APP);
    lab.registry.putBlob(bytes);
    lab.registry.withoutRanges();
    random.choose(100_000);

    CompletableFuture<BlobDelivery> answer = fetchFromLab();
    settleLab();

    assertGiven(answer, CacheOutcome.LINKED);
    assertThat(asked()).containsExactly("GET bytes=100000-165535");
    assertThat(pulled()).isEqualTo(100_000 + STRETCH);
  }

  /** Its client would have to wait, so the blob is filled from the lab. */
  @Test
  void upstreamThatIgnoresRangesIsNotReadToAFarStretch() throws IOException {
    int size = (int) SpoolFile.FAR_AHEAD + 2 * STRETCH;
    byte[] large = random(size);
    Digest wanted = lab.registry.putBlob(large);
    store(large, wanted);
    lab.registry.withoutRanges();
    random.choose(SpoolFile.FAR_AHEAD + 1);

    CompletableFuture<BlobDelivery> answer = fetchFromLab(LAB_APP, wanted);
    settleLab();

    assertThat(Told.answer(answer).outcome()).isEqualTo(CacheOutcome.MISS);
    assertThat(read(Told.answer(answer))).isEqualTo(large);
    assertThat(asked()).hasSize(2).last().isEqualTo("GET");
    assertThat(pulled()).isEqualTo(size);
    assertThat(labHas(wanted)).isTrue();
  }

  /** One other byte anywhere in the stretch. */
  @ParameterizedTest
  @ValueSource(longs = {1000, 66_535})
  void otherBytesAreNoProofAndTheBlobIsFetchedFromItsOwnUpstream(long other) throws IOException {
    pullOnce(APP);
    lab.registry.putBlob(bytes);
    random.choose(1000);
    lab.registry.inject(Recorded.blobGet(digest), Fault.corrupt(other - 1000), 1);

    CompletableFuture<BlobDelivery> answer = fetchFromLab();
    settleLab();

    assertGiven(answer, CacheOutcome.MISS);
    assertThat(asked()).containsExactly("GET bytes=1000-66535", "GET");
    assertThat(labHas(digest)).isTrue();
    assertThat(here.files.store().find(digest).orElseThrow().readSound()).isEqualTo(bytes);
  }

  @Test
  void stretchOfABlobOfAnotherSizeIsNoProof() throws IOException {
    pullOnce(APP);
    lab.registry.putBlob(bytes);
    random.choose(0);
    lab.registry.inject(
        Recorded.blobGet(digest), Fault.header("Content-Range", "bytes 0-65535/" + (SIZE + 1)), 1);

    CompletableFuture<BlobDelivery> answer = fetchFromLab();
    settleLab();

    assertGiven(answer, CacheOutcome.MISS);
    assertThat(asked()).containsExactly("GET bytes=0-65535", "GET");
  }

  @Test
  void stretchThatBreaksOffIsNoProofAndTheBlobIsFetched() throws IOException {
    pullOnce(APP);
    lab.registry.putBlob(bytes);
    lab.registry.inject(Recorded.blobGet(digest), Fault.closeAfter(10), 1);

    CompletableFuture<BlobDelivery> answer = fetchFromLab();
    settleLab();

    assertGiven(answer, CacheOutcome.MISS);
    assertThat(asked()).hasSize(2);
  }

  /** Its thread is not held, and its client gets the bytes as they come. */
  @Test
  void stretchThatDripsIsGivenUpAndTheBlobIsFetched() throws Exception {
    pullOnce(APP);
    lab.registry.putBlob(bytes);
    Gate drip = lab.registry.hold(digest, 1000);
    CompletableFuture<BlobDelivery> answer = fetchFromLab();
    lookups.runAll();
    CompletableFuture<Void> question = lab.questions.begin();
    await().until(() -> pulled() == 1000);

    nanos.addAndGet(11_000_000_000L);
    drip.release();
    question.join();
    settleLab();

    assertGiven(answer, CacheOutcome.MISS);
    assertThat(asked()).hasSize(2).last().isEqualTo("GET");
  }

  /** The stored bytes have rotted, so they differ from what the lab sends. */
  @Test
  void rottenBytesAreNotLinkedButReplaced() throws IOException {
    pullOnce(APP);
    lab.registry.putBlob(bytes);
    here.damage(digest, new byte[SIZE]);

    CompletableFuture<BlobDelivery> answer = fetchFromLab();
    settleLab();

    assertGiven(answer, CacheOutcome.MISS);
    assertThat(here.files.store().find(digest).orElseThrow().readSound()).isEqualTo(bytes);
  }

  @Test
  void bytesThatAreEvictedDuringTheProofAreFetched() throws IOException {
    pullOnce(APP);
    lab.registry.putBlob(bytes);
    CompletableFuture<BlobDelivery> answer = fetchFromLab();
    lookups.runAll();
    here.evict(digest);
    settleLab();

    assertGiven(answer, CacheOutcome.MISS);
  }

  @Test
  void blobAboveTheLimitOfItsUpstreamIsRefusedBeforeItIsSent() throws IOException {
    pullOnce(APP);
    lab.registry.putBlob(bytes);
    rules = rules(SIZE - 1, 0);

    CompletableFuture<BlobDelivery> answer = fetchFromLab();
    settleLab();

    assertThat(Told.failureOf(answer).error()).isEqualTo(OciError.DENIED);
    assertThat(pulled()).isZero();
    assertThat(labHas(digest)).isFalse();
  }

  /** What a client gets whose upstream does not give the blob, with and without the bytes here. */
  @ParameterizedTest
  @ValueSource(ints = {401, 404, 503})
  void answerDoesNotTellWhetherTheBytesAreHere(int status) throws IOException {
    byte[] absentBytes = Arrays.copyOf(bytes, SIZE - 1);
    Digest absent = Digest.ofBytes(Digest.Algorithm.SHA256, absentBytes);
    pullOnce(APP);
    lab.registry.inject(r -> true, Fault.status(status));

    CompletableFuture<BlobDelivery> stored = fetchFromLab();
    settleLab();
    int costHere = asked().size();
    CompletableFuture<BlobDelivery> nowhere = fetchFromLab(LAB_APP, absent);
    settleLab();

    assertSame(Told.failureOf(stored), digest, Told.failureOf(nowhere), absent);
    assertThat(asked()).hasSize(2 * costHere);
    assertThat(labHas(digest)).isFalse();
  }

  @Test
  void absenceIsRememberedAsWithoutTheBytes() throws IOException {
    pullOnce(APP);
    CompletableFuture<BlobDelivery> first = fetchFromLab();
    settleLab();
    CompletableFuture<BlobDelivery> second = fetchFromLab();
    settleLab();

    assertThat(Told.failureOf(first).error()).isEqualTo(OciError.BLOB_UNKNOWN);
    assertSame(Told.failureOf(first), digest, Told.failureOf(second), digest);
    assertThat(asked()).hasSize(1);
  }
}
