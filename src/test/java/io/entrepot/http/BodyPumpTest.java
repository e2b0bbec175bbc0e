package io.entrepot.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.cache.TaskQueue;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pump in each of its states: WRITING, BLOCKED, PARKED and DONE. */
@Timeout(60)
class BodyPumpTest {
  private static final int SIZE = 300_000;

  private final TaskQueue pumps = new TaskQueue("pump");
  private final byte[] bytes = random();
  private final RisingBlob blob = new RisingBlob(bytes);
  private long now;
  private final Stragglers stragglers =
      new Stragglers(1000, Duration.ofSeconds(10), SIZE, () -> now);

  /** Allows one large buffer, so that a test can see whether a client has given it back. */
  private final Chunks chunks = new Chunks(32L * Chunks.LARGE);

  private final AsyncAnswers answers = FakeExchange.answers(pumps, chunks, stragglers);
  private FakeExchange server = new FakeExchange(false);

  private static byte[] random() {
    byte[] bytes = new byte[SIZE];
    new Random(5).nextBytes(bytes);
    return bytes;
  }

  @AfterEach
  void close() {
    pumps.close();
  }

  /** The server begins to send, as it does once the servlet has returned. */
  private void start() throws IOException {
    new BodyPump(server.exchange, blob.reader(), 0, answers).start();
    server.socket.makeRoom(Long.MAX_VALUE);
  }

  private void startWithRoomFor(long room) throws IOException {
    new BodyPump(server.exchange, blob.reader(), 0, answers).start();
    server.socket.makeRoom(room);
  }

  private byte[] first(int length) {
    return Arrays.copyOf(bytes, length);
  }

  /** Checks that the exchange has ended once, and that the pump holds no buffer and no reader. */
  private void assertDone(String end) {
    pumps.runAll();
    assertThat(server.ends).containsExactly(end);
    assertThat(blob.released()).isEqualTo(1);
    assertThat(chunks.join(SIZE)).as("room given back").isEqualTo(Chunks.LARGE);
    now += Duration.ofHours(1).toNanos();
    stragglers.check();
    pumps.runAll();
    assertThat(server.ends).as("nobody ends it again").hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void wholeBlobIsWrittenAndTheExchangeCompleted(boolean tomcat) throws IOException {
    server = new FakeExchange(tomcat);
    blob.rise(SIZE);

    start();

    assertThat(server.socket.taken()).isEqualTo(bytes);
    assertDone("complete");
  }

  @Test
  void emptyBlobIsCompletedAtOnce() throws IOException {
    RisingBlob empty = new RisingBlob(new byte[0]);

    new BodyPump(server.exchange, empty.reader(), 0, answers).start();
    server.socket.makeRoom(Long.MAX_VALUE);

    assertThat(server.ends).containsExactly("complete");
    assertThat(empty.released()).isEqualTo(1);
  }

  @Test
  void bufferOfTomcatTakesAWholePieceAndThatOfOthersStays() throws IOException {
    blob.rise(SIZE);
    start();
    assertThat(server.bufferSize).isZero();

    FakeExchange tomcat = new FakeExchange(true);
    RisingBlob other = new RisingBlob(bytes);
    new BodyPump(tomcat.exchange, other.reader(), 0, answers).start();
    assertThat(tomcat.bufferSize).isEqualTo(Chunks.LARGE + 1);
  }

  @Test
  void fullSocketBlocksUntilItIsWritableAgain() throws IOException {
    blob.rise(SIZE);
    startWithRoomFor(1);
    assertThat(server.socket.taken()).isEqualTo(first(Chunks.LARGE));
    assertThat(server.ends).isEmpty();

    server.socket.makeRoom(1);
    assertThat(server.socket.taken()).isEqualTo(first(2 * Chunks.LARGE));

    server.socket.makeRoom(Long.MAX_VALUE);
    assertThat(server.socket.taken()).isEqualTo(bytes);
    assertDone("complete");
  }

  @Test
  void watermarkParksUntilItRises() throws IOException {
    blob.rise(100_000);
    start();
    assertThat(server.socket.taken()).isEqualTo(first(100_000));
    assertThat(server.ends).isEmpty();
    assertThat(pumps.size()).isZero();

    blob.rise(200_000);
    assertThat(pumps.size()).isEqualTo(1);
    assertThat(server.socket.taken()).as("not on the fill's thread").hasSize(100_000);
    pumps.runAll();
    assertThat(server.socket.taken()).isEqualTo(first(200_000));

    blob.rise(SIZE);
    pumps.runAll();
    assertThat(server.socket.taken()).isEqualTo(bytes);
    assertDone("complete");
  }

  @Test
  void whatIsThereIsFlushedBeforeThePumpParks() throws IOException {
    blob.rise(10);

    start();

    assertThat(server.socket.flushes).isEqualTo(1);
  }

  @Test
  void clientThatIsWrittenToNeverReadsAheadOfTheWatermark() throws IOException {
    start();
    for (int at = 0; at <= SIZE; at += 7_777) {
      blob.rise(at);
      pumps.runAll();
      assertThat(server.socket.taken()).hasSize(at);
    }
    blob.rise(SIZE);
    pumps.runAll();

    assertThat(server.socket.taken()).isEqualTo(bytes);
    assertDone("complete");
  }

  @Test
  void wakeWhileTheSocketIsFullWritesNothing() throws IOException {
    blob.rise(1000);
    start();
    server.socket.room(0);
    blob.rise(2000);
    pumps.runAll();
    assertThat(server.socket.taken()).hasSize(1000);

    server.socket.makeRoom(Long.MAX_VALUE);

    assertThat(server.socket.taken()).isEqualTo(first(2000));
  }

  @Test
  void failureBeforeTheFirstByteIsToldAsAnError() throws IOException {
    start();
    blob.fail(new OciException(OciError.UPSTREAM_FAILED, "the upstream broke off"));
    pumps.runAll();

    assertThat(server.status).isEqualTo(OciError.UPSTREAM_FAILED.status());
    assertThat(new String(server.socket.taken(), StandardCharsets.UTF_8))
        .contains(OciError.UPSTREAM_FAILED.code())
        .contains("the upstream broke off");
    assertDone("complete");
  }

  @Test
  void failureAfterTheFirstByteAborts() throws IOException {
    blob.rise(1);
    start();
    blob.fail(new OciException(OciError.UPSTREAM_FAILED, "the upstream broke off"));
    pumps.runAll();

    assertThat(server.socket.taken()).isEqualTo(first(1));
    assertThat(server.status).isEqualTo(200);
    assertDone("dispatch");
  }

  @Test
  void failureWhileTheSocketIsFullAbortsWhenItIsWritable() throws IOException {
    blob.rise(SIZE);
    startWithRoomFor(1);
    blob.fail(new OciException(OciError.UPSTREAM_FAILED, "the upstream broke off"));
    assertThat(server.ends).isEmpty();

    server.socket.makeRoom(Long.MAX_VALUE);

    assertThat(server.socket.taken()).hasSizeLessThan(SIZE);
    assertDone("dispatch");
  }

  @Test
  void writeThatFailsEndsWithoutAnException() throws IOException {
    blob.rise(SIZE);
    startWithRoomFor(1);
    server.socket.breakNow();
    server.socket.makeRoom(1);

    assertDone("complete");
  }

  @Test
  void clientThatIsGoneEndsWhileThePumpIsParked() throws IOException {
    blob.rise(1000);
    start();

    server.socket.tellGone();

    assertDone("complete");
    blob.rise(SIZE);
    pumps.runAll();
    assertThat(server.socket.taken()).hasSize(1000);
  }

  @Test
  void clientThatIsGoneEndsWhileThePumpIsBlocked() throws IOException {
    blob.rise(SIZE);
    startWithRoomFor(1);

    server.socket.tellGone();

    assertDone("complete");
    server.socket.makeRoom(Long.MAX_VALUE);
    assertThat(server.socket.taken()).hasSize(Chunks.LARGE);
  }

  @Test
  void clientThatTakesNothingForLongIsDropped() throws IOException {
    blob.rise(SIZE);
    startWithRoomFor(1);
    now += Duration.ofMinutes(2).toNanos();

    stragglers.check();
    assertThat(server.ends).isEmpty();
    pumps.runAll();

    assertDone("dispatch");
  }

  @Test
  void clientIsNotDroppedWhileTheUpstreamIsWaitedFor() throws IOException {
    blob.rise(1);
    start();
    now += Duration.ofHours(1).toNanos();

    stragglers.check();
    pumps.runAll();

    assertThat(server.ends).isEmpty();
    blob.rise(SIZE);
    pumps.runAll();
    assertDone("complete");
  }

  @Test
  void drainCutsAClientThatReadsSlowly() throws IOException {
    blob.rise(SIZE);
    startWithRoomFor(1);

    server.exchange.cut();

    assertDone("dispatch");
  }

  @Test
  void drainTellsAClientThatHasGotNothingYet() throws IOException {
    start();

    server.exchange.cut();

    assertThat(server.status).isEqualTo(OciError.UNAVAILABLE.status());
    assertDone("complete");
  }

  @Test
  void drainThatCameBeforeTheBeginningCutsAtOnce() throws IOException {
    server.exchange.cut();
    blob.rise(SIZE);

    new BodyPump(server.exchange, blob.reader(), 0, answers).start();

    assertThat(server.status).isEqualTo(OciError.UNAVAILABLE.status());
    assertDone("complete");
  }

  @Test
  void wakeThatTheExecutorRejectsRunsAtOnce() throws IOException {
    blob.rise(1);
    start();
    pumps.full(true);

    blob.fail(new OciException(OciError.UNAVAILABLE, "the application stops"));

    assertDone("dispatch");
  }
}
