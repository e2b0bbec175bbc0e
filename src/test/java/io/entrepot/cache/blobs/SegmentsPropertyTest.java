package io.entrepot.cache.blobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.cache.BlobReader;
import io.entrepot.oci.ByteRange;
import io.entrepot.oci.Digest;
import io.entrepot.spool.FillKey;
import io.entrepot.spool.SpoolFile;
import io.entrepot.store.file.TestStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;
import org.apache.commons.io.FileUtils;
import org.jspecify.annotations.Nullable;

/**
 * Any order of the steps of segments, readers and failures: each reader has its own bytes, and each
 * byte is taken from the upstream once.
 */
class SegmentsPropertyTest {
  private static final int MIB = 1 << 20;
  private static final int SIZE = 24 * MIB + 17;
  private static final byte[] BLOB = bytes();
  private static final FillKey KEY =
      new FillKey("docker.io", Digest.ofBytes(Digest.Algorithm.SHA256, BLOB));

  private Path root;
  private TestStore files;
  private SpoolFile file;
  private Segments segments;
  private RangeSupport ranges;
  private final List<Segment> ahead = new ArrayList<>();
  private final Map<Segment, Integer> writing = new HashMap<>();
  private final List<Client> clients = new ArrayList<>();
  private @Nullable Segment own;
  private long fetched;

  /** A client that reads a range. */
  private record Client(BlobReader reader, ByteRange range, boolean footer) {}

  @BeforeProperty
  void open() throws IOException {
    root = Files.createTempDirectory("segments-test");
    files = TestStore.open(root);
  }

  @AfterProperty
  void close() throws IOException {
    files.close();
    FileUtils.deleteDirectory(root.toFile());
  }

  private static byte[] bytes() {
    byte[] bytes = new byte[SIZE];
    new Random(3).nextBytes(bytes);
    return bytes;
  }

  /**
   * Runs the steps, and then the rest of the fill.
   *
   * @param longer whether a segment is longer than what comes soon, so that a range may cut it
   */
  @Property(tries = 25)
  void anyOrderGivesEachReaderItsBytesAndTakesEachByteOnce(
      @ForAll boolean longer, @ForAll @Size(max = 60) List<@IntRange(max = 999) Integer> steps)
      throws IOException {
    file = files.spool().begin(KEY, SIZE);
    ranges = new RangeSupport(new RangeMemory("docker.io", Clock.systemUTC()));
    segments = new Segments(file, ranges, longer ? 14L * MIB : 2L * MIB, () -> 0);
    own = segments.first(true);
    ahead.clear();
    clients.clear();
    writing.clear();
    fetched = 0;
    for (int step : steps) {
      act(step % 8, step / 8);
    }
    while (!file.isFull()) {
      stepOfFill(MIB);
      stepAhead(0, MIB);
    }
    for (Client client : clients) {
      readSoFar(client);
      boolean toTheEnd = client.range.last() == SIZE - 1 && !client.footer;
      assertThat(client.reader.remaining()).isEqualTo(toTheEnd ? SpoolFile.HOLD_BACK : 0);
    }
    file.seal();
    for (Client client : clients) {
      readSoFar(client);
      assertThat(client.reader.remaining()).isZero();
      client.reader.close();
    }
    assertThat(fetched).isEqualTo(SIZE);
    files.spool().discard(file);
    file.release();
  }

  private void act(int kind, int number) throws IOException {
    switch (kind) {
      case 0, 1 -> stepOfFill((number * 16) << 10);
      case 2, 3 -> stepAhead(number, (number * 16) << 10);
      case 4, 5 -> comes(number * (SIZE / 125L), (1 + (number % 7)) * MIB);
      case 6 -> breaks(number);
      default -> {
        for (Client client : clients) {
          readSoFar(client);
        }
      }
    }
  }

  private void stepOfFill(int bytes) throws IOException {
    own = own == null ? segments.next() : own;
    if (own != null && copies(own, bytes)) {
      own = null;
    }
  }

  private void stepAhead(int number, int bytes) throws IOException {
    if (ahead.isEmpty()) {
      return;
    }
    Segment segment = ahead.get(number % ahead.size());
    if (!segment.accepted) {
      ranges.shown();
    }
    if (!writing.containsKey(segment) && !segments.accept(segment)) {
      segments.release(segment);
      ahead.remove(segment);
    } else if (copies(segment, bytes)) {
      ahead.remove(segment);
    }
  }

  /**
   * Takes bytes, or writes those that the same segment has taken before: what others do between the
   * two must not touch them. Returns whether the segment has ended.
   */
  private boolean copies(Segment segment, int bytes) throws IOException {
    Integer length = writing.remove(segment);
    if (length == null) {
      writing.put(segment, segments.take(segment, bytes));
      return false;
    }
    long end = segments.at(segment);
    boolean kept = file.write(ByteBuffer.wrap(BLOB, (int) end - length, length), end - length);
    segments.wrote(segment);
    assertThat(kept).isTrue();
    fetched += length;
    boolean complete = segments.isComplete(segment);
    if (complete) {
      segments.release(segment);
    }
    return complete;
  }

  private void comes(long first, int length) throws IOException {
    ByteRange range = new ByteRange(first, Math.min(SIZE, first + length) - 1);
    boolean footer = first >= SIZE - MIB && first > file.here().prefix() + SpoolFile.FAR_AHEAD;
    BlobReader reader =
        new BlobReader(Objects.requireNonNull(file.join(first)), first, range.last() + 1);
    clients.add(new Client(reader, range, footer));
    Segment segment = segments.ahead(range);
    if (segment != null) {
      ahead.add(segment);
    } else {
      assertComesSoon(range);
    }
  }

  /** The first missing byte of a range is here soon, if whoever fetches it goes on. */
  private void assertComesSoon(ByteRange range) {
    long missing = file.here().endFrom(range.first());
    List<Segment> running = new ArrayList<>(ahead);
    running.add(own);
    assertThat(missing)
        .satisfiesAnyOf(
            at -> assertThat(at).isGreaterThan(range.last()),
            at -> assertThat(at).isLessThanOrEqualTo(file.here().prefix() + SpoolFile.FAR_AHEAD),
            at -> assertThat(running).anyMatch(it -> it != null && it.has(at) && it.isNear(at)));
  }

  /** A response breaks off, and its segment is left to others. */
  private void breaks(int number) {
    if (number % 2 == 0 && own != null && !writing.containsKey(own)) {
      segments.release(own);
      own = null;
    } else if (!ahead.isEmpty() && !writing.containsKey(ahead.get(number % ahead.size()))) {
      segments.release(ahead.remove(number % ahead.size()));
    }
  }

  private static void readSoFar(Client client) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(256 << 10);
    while (true) {
      int at = (int) client.reader.position();
      int n = client.reader.read(chunk.clear());
      if (n <= 0) {
        return;
      }
      assertThat(Arrays.equals(BLOB, at, at + n, chunk.array(), 0, n)).isTrue();
    }
  }
}
