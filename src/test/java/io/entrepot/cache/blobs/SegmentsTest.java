package io.entrepot.cache.blobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.ByteRange;
import io.entrepot.oci.Digest;
import io.entrepot.spool.FillKey;
import io.entrepot.spool.SpoolFile;
import io.entrepot.store.file.TestStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Segments of 16 MiB of a blob of 200 MiB, of which nothing is read. */
class SegmentsTest {
  private static final long MIB = 1 << 20;
  private static final long SIZE = 200 * MIB;
  private static final long LENGTH = 16 * MIB;

  private final Digest digest = Digest.ofBytes(Digest.Algorithm.SHA256, new byte[0]);
  private final RangeSupport ranges =
      new RangeSupport(new RangeMemory("docker.io", Clock.systemUTC()));
  private final AtomicLong time = new AtomicLong();
  private TestStore files;
  private SpoolFile file;
  private Segments segments;

  @BeforeEach
  void open(@TempDir Path root) throws IOException {
    files = TestStore.open(root);
    file = files.spool().begin(new FillKey("docker.io", digest), SIZE);
    segments = new Segments(file, ranges, LENGTH, time::get);
  }

  @AfterEach
  void close() throws IOException {
    files.spool().discard(file);
    file.release();
    files.close();
  }

  /** Writes the next bytes of a segment. */
  private void write(Segment segment, long bytes) throws IOException {
    int taken = segments.take(segment, (int) bytes);
    file.write(ByteBuffer.allocate(taken), segments.at(segment) - taken);
    segments.wrote(segment);
  }

  private Segment beside() {
    return Objects.requireNonNull(segments.beside());
  }

  /**
   * The first bytes never wait, and an open request is not cut before the upstream sends a part.
   */
  @Test
  void openRequestEndsWhereTheUpstreamHasBegunToSendAPart() throws IOException {
    Segment first = segments.first(true);
    write(first, MIB);
    assertThat(segments.end(first)).isEqualTo(SIZE);

    Segment second = beside();
    assertThat(segments.at(second)).isEqualTo(MIB + LENGTH);
    assertThat(segments.end(first)).isEqualTo(SIZE);
    assertThat(segments.accept(second)).isTrue();
    assertThat(segments.end(first)).isEqualTo(MIB + LENGTH);
    assertThat(segments.end(second)).isEqualTo(MIB + 2 * LENGTH);
  }

  /** A client does not wait for the segment that its bytes lie in, however slow that is. */
  @Test
  void segmentEndsWhereAClientsRangeFarAheadInItHasBegun() throws IOException {
    ranges.shown();
    Segment first = segments.first(false);
    write(first, MIB);
    long far = MIB + SpoolFile.FAR_AHEAD;
    assertThat(segments.ahead(new ByteRange(far, far + 99))).as("comes soon").isNull();

    Segment range = Objects.requireNonNull(segments.ahead(new ByteRange(far + 1, far + 100)));
    assertThat(segments.end(first)).isEqualTo(LENGTH);
    assertThat(segments.accept(range)).isTrue();
    assertThat(segments.end(first)).isEqualTo(far + 1);
    write(range, 100);
    segments.release(range);

    assertThat(segments.at(beside())).as("what was cut off is left").isEqualTo(far + 101);
  }

  /** Such a client reads from its first byte on, and the segment stays ahead of it. */
  @Test
  void segmentThatComesSoonToTheFirstByteOfARangeIsNotCut() throws IOException {
    ranges.shown();
    Segment first = segments.first(false);

    assertThat(segments.ahead(new ByteRange(MIB, LENGTH - 1))).isNull();
    assertThat(segments.at(Objects.requireNonNull(segments.ahead(new ByteRange(MIB, SIZE - 1)))))
        .isEqualTo(LENGTH);
    assertThat(segments.end(first)).isEqualTo(LENGTH);
  }

  @Test
  void segmentWhoseFirstByteHasComeMeanwhileIsNotUsed() throws IOException {
    Segment first = segments.first(true);
    Segment second = beside();
    write(first, LENGTH + 1);

    assertThat(segments.accept(second)).isFalse();
    assertThat(segments.end(first)).isEqualTo(SIZE);
  }

  @Test
  void nothingThatNobodyWaitsForIsFetchedFarAheadOfTheHash() throws IOException {
    ranges.shown();
    Segment first = segments.first(false);
    for (int i = 1; i < 4; i++) {
      assertThat(segments.at(beside())).isEqualTo(i * LENGTH);
    }
    assertThat(segments.hasPlaceBeside()).isFalse();
    assertThat(segments.beside()).isNull();

    write(first, MIB);
    assertThat(segments.at(beside())).isEqualTo(Segments.RUN_AHEAD);
  }

  /** Between the moment when bytes are taken and the moment when the file has them. */
  @Test
  void bytesThatAreBeingWrittenAreNobodyElses() throws IOException {
    ranges.shown();
    segments.first(false);
    Segment second = beside();
    assertThat(segments.accept(second)).isTrue();
    segments.take(second, (int) MIB);
    Segment third = beside();
    assertThat(segments.at(third)).isEqualTo(2 * LENGTH);
    assertThat(segments.ahead(new ByteRange(LENGTH, LENGTH + 99))).isNull();

    segments.wrote(second);
    segments.release(second);
    assertThat(segments.at(beside())).as("it could not be written").isEqualTo(LENGTH);
  }

  @Test
  void nothingIsFetchedBesideWhereTheUpstreamHasRefusedThat() {
    segments.first(true);
    ranges.refused("429");
    assertThat(segments.beside()).isNull();
  }

  @Test
  void whatASegmentHasNotFetchedIsTheNextOfTheFill() throws IOException {
    ranges.shown();
    Segment first = segments.first(false);
    Segment second = beside();
    assertThat(segments.accept(second)).isTrue();
    write(second, MIB);
    write(first, LENGTH);
    segments.release(first);
    segments.release(second);

    Segment next = Objects.requireNonNull(segments.next());
    assertThat(segments.at(next)).isEqualTo(LENGTH + MIB);
  }

  /** A stream of 5 MiB in three seconds, and a part of 1 MiB. */
  @Test
  void partIsSlowIfItComesAtLessThanAQuarterOfTheSpeedOfTheStreamBesideIt() throws IOException {
    Segment stream = segments.first(true);
    Segment part = beside();
    segments.asked(part);
    assertThat(segments.accept(part)).isTrue();
    write(part, MIB);
    time.set(TimeUnit.MILLISECONDS.toNanos(2999));
    write(stream, 5 * MIB);
    assertThat(segments.isSlow(part)).as("so soon").isFalse();

    time.set(TimeUnit.MILLISECONDS.toNanos(3000));
    assertThat(segments.isSlow(part)).isTrue();
    write(part, MIB);
    assertThat(segments.isSlow(part)).isFalse();
  }

  /** What others fetch at another time, or in parts too, is no measure. */
  @Test
  void partIsNotSlowWhereNothingElseCameAtTheSameTime() throws IOException {
    Segment stream = segments.first(true);
    write(stream, 5 * MIB);
    time.set(TimeUnit.SECONDS.toNanos(10));
    Segment part = beside();
    segments.asked(part);
    assertThat(segments.accept(part)).isTrue();
    time.set(TimeUnit.SECONDS.toNanos(20));

    assertThat(segments.isSlow(part)).isFalse();
  }

  /** Clients wait for the first missing byte. */
  @Test
  void fillComesBackToWhatAnotherHasLeft() throws IOException {
    Segment stream = segments.first(true);
    Segment part = beside();
    assertThat(segments.accept(part)).isTrue();
    write(stream, LENGTH);
    segments.release(stream);
    Segment after = Objects.requireNonNull(segments.next());
    assertThat(segments.at(after)).isEqualTo(2 * LENGTH);

    write(part, MIB);
    segments.release(part);

    assertThat(segments.isComplete(after)).isTrue();
    segments.release(after);
    Segment next = Objects.requireNonNull(segments.next());
    assertThat(segments.at(next)).isEqualTo(LENGTH + MIB);
  }
}
