package io.entrepot.cache.blobs;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.cache.BlobReader;
import io.entrepot.cache.TestUpstream;
import io.entrepot.fixture.Background;
import io.entrepot.oci.ByteRange;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.routing.BlobRules;
import io.entrepot.routing.Job;
import io.entrepot.routing.Jobs;
import io.entrepot.routing.TestSources;
import io.entrepot.spool.FillKey;
import io.entrepot.spool.SpoolFile;
import io.entrepot.store.file.TestStore;
import io.entrepot.upstream.FetchRange;
import io.entrepot.upstream.UpstreamBody;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A fill, two more connections and five clients at the same time, each on a thread of its own, and
 * an upstream that breaks off and answers wrongly now and then.
 */
@Timeout(60)
class SegmentsRaceTest {
  private static final int MIB = 1 << 20;
  private static final int SIZE = 20 * MIB + 17;
  private static final int CHUNK = 64 << 10;
  private static final byte[] BLOB = bytes();
  private static final Digest DIGEST = Digest.ofBytes(Digest.Algorithm.SHA256, BLOB);

  @TempDir Path root;
  private final TestUpstream unused = new TestUpstream();
  private final ConcurrentLinkedQueue<CompletableFuture<Void>> jobs = new ConcurrentLinkedQueue<>();
  private TestStore files;

  @BeforeEach
  void open() throws IOException {
    files = TestStore.open(root);
  }

  @AfterEach
  void close() throws IOException {
    files.close();
    unused.close();
  }

  private static byte[] bytes() {
    byte[] bytes = new byte[SIZE];
    new Random(3).nextBytes(bytes);
    return bytes;
  }

  @Test
  void eachClientGetsItsBytesAndNoByteIsSentTwice() throws Exception {
    for (int seed = 0; seed < 4; seed++) {
      Sender sender = new Sender(new Random(seed), 0);
      race(sender, seed);
      // What a request has read beyond the place where it is cut is thrown away.
      assertThat(sender.sent.get())
          .isBetween((long) SIZE, SIZE + sender.asked.get() * (long) CHUNK);
    }
  }

  @Test
  void eachClientGetsItsBytesAlthoughTheUpstreamBreaksOffAndAnswersWrongly() throws Exception {
    for (int seed = 0; seed < 4; seed++) {
      Sender sender = new Sender(new Random(seed), 6);
      race(sender, seed);
    }
  }

  private void race(Sender sender, int seed) throws Exception {
    Random random = new Random(seed);
    RangeMemory memory = new RangeMemory("docker.io", Clock.systemUTC());
    SegmentCopy.From from = new SegmentCopy.From(sender, (n, asked) -> {}, System::nanoTime);
    Fills.PlaceOfBlob place =
        new Fills.PlaceOfBlob(
            files.spool(),
            new FillKey("docker.io", DIGEST),
            true,
            new BlobRules.Parts(3, (1 + random.nextInt(12)) * (long) MIB));
    Fill fill = new Fill(from, files.spool(), place, new RangeSupport(memory));
    InFlightBlob flight =
        new InFlightBlob(
            DIGEST,
            unused.source(RepositoryName.of("docker.io/team/app"), TestSources.RULES),
            Instant.EPOCH);
    List<CompletableFuture<Void>> clients = new ArrayList<>();
    Fill.Listener listener =
        new Fill.Listener() {
          @Override
          public void begun(Segments segments, long size) {
            for (int i = 0; i < 5; i++) {
              long first = random.nextInt(SIZE);
              long last = Math.min(SIZE - 1, first + random.nextInt(6 * MIB));
              ByteRange range = i == 0 ? new ByteRange(0, SIZE - 1) : new ByteRange(first, last);
              BlobReader reader =
                  new BlobReader(
                      Objects.requireNonNull(segments.file().join(range.first())),
                      range.first(),
                      range.last() + 1);
              clients.add(Background.run(() -> read(reader)));
              SegmentJob.forClient(parts(flight, segments, from), () -> segments.ahead(range));
            }
            for (int i = 0; i < 2; i++) {
              SegmentJob.whenIdle(parts(flight, segments, from));
            }
          }

          @Override
          public boolean grown(int bytes) {
            return true;
          }
        };

    SpoolFile sealed = run(fill, listener);
    for (CompletableFuture<Void> client : clients) {
      client.get(20, SECONDS);
    }
    while (!jobs.isEmpty()) {
      jobs.remove().get(20, SECONDS);
    }
    files.spool().discard(sealed);
    sealed.release();
    assertThat(sealed.hasReaders()).as("all have let go of the file").isFalse();
  }

  private SegmentJob.Parts parts(InFlightBlob flight, Segments segments, SegmentCopy.From from) {
    Jobs threads =
        new Jobs() {
          @Override
          public void execute(Job job) {
            jobs.add(Background.run(job));
          }

          @Override
          public void whenIdle(Job job) {
            execute(job);
          }
        };
    return new SegmentJob.Parts(flight, segments, from, bytes -> true, threads, "192.0.2.1");
  }

  private static SpoolFile run(Fill fill, Fill.Listener listener) throws Exception {
    while (true) {
      SpoolFile sealed = fill.run(listener).orElse(null);
      if (sealed != null) {
        return sealed;
      }
      fill.ready().get(20, SECONDS);
    }
  }

  /** Reads to the end of a range, and compares all of it. */
  private static void read(BlobReader reader) {
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
    try (reader) {
      while (true) {
        int at = (int) reader.position();
        int n = reader.read(chunk.clear());
        if (n < 0) {
          return;
        }
        assertThat(Arrays.equals(BLOB, at, at + n, chunk.array(), 0, n)).isTrue();
        if (n == 0) {
          CompletableFuture<Void> more = new CompletableFuture<>();
          reader.park(() -> more.complete(null));
          more.orTimeout(20, SECONDS).join();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** An upstream with one blob, and with so many faults. */
  private static final class Sender implements BlobProvider {
    final AtomicLong sent = new AtomicLong();
    final AtomicInteger asked = new AtomicInteger();
    private final Random random;
    private int faults;
    private int latest = -1;

    Sender(Random random, int faults) {
      this.random = random;
      this.faults = faults;
    }

    @Override
    public Digest digest() {
      return DIGEST;
    }

    @Override
    public void checkSize(long size) {}

    @Override
    public UpstreamBody fetch(FetchRange range) throws UpstreamException {
      asked.incrementAndGet();
      int fault = nextFault();
      if (fault == 0) {
        throw new UpstreamException(Failure.INVALID, "another range", null, null);
      }
      boolean whole = range.isWhole() || fault == 1;
      int first = whole ? 0 : (int) range.first();
      int end = whole ? SIZE : (int) Math.min(SIZE - 1, range.last()) + 1;
      int cut = fault >= 2 ? first + random.nextInt(end - first) : end;
      return new Sent(
          first,
          whole,
          new Counted(new ByteArrayInputStream(BLOB, first, cut - first), breaks(fault)));
    }

    private static @Nullable IOException breaks(int fault) {
      return switch (fault) {
        case 2 -> new IOException("broken off");
        case 3 -> new SocketTimeoutException("stalled");
        default -> null;
      };
    }

    /** None at first. None that brings nothing twice, so that the fill cannot give up. */
    private synchronized int nextFault() {
      boolean none = asked.get() == 1 || faults == 0;
      if (none) {
        return -1;
      }
      faults--;
      latest = latest == 0 ? 1 + random.nextInt(3) : random.nextInt(4);
      return latest;
    }

    private final class Counted extends InputStream {
      private final InputStream bytes;
      private final @Nullable IOException breaks;

      Counted(InputStream bytes, @Nullable IOException breaks) {
        this.bytes = bytes;
        this.breaks = breaks;
      }

      @Override
      public int read() {
        throw new UnsupportedOperationException();
      }

      @Override
      public int read(byte[] chunk, int offset, int length) throws IOException {
        int n = bytes.read(chunk, offset, length);
        if (n < 0 && breaks != null) {
          throw breaks;
        }
        sent.addAndGet(Math.max(0, n));
        return n;
      }
    }
  }

  private record Sent(long offset, boolean isWhole, InputStream stream) implements UpstreamBody {
    @Override
    public boolean hasLength() {
      return true;
    }

    @Override
    public OptionalLong blobSize() {
      return OptionalLong.of(SIZE);
    }

    @Override
    public URI source() {
      return URI.create("https://registry.example/");
    }

    @Override
    public String server() {
      return "registry.example";
    }

    @Override
    public @Nullable String etag() {
      return null;
    }

    @Override
    public boolean isOfTarget() {
      return false;
    }

    @Override
    public void close() {}
  }
}
