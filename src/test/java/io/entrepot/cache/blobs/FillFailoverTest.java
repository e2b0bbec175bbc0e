package io.entrepot.cache.blobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Cost;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.routing.BlobRules;
import io.entrepot.routing.Source;
import io.entrepot.routing.TestSources;
import io.entrepot.spool.FillKey;
import io.entrepot.spool.SpoolFile;
import io.entrepot.store.BlobStore;
import io.entrepot.store.file.TestStore;
import io.entrepot.upstream.Mirrors;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.registry.HttpRegistry;
import io.entrepot.upstream.registry.RegistryOptions;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A fill whose upstream fails, and the mirror that continues (F8). */
@Timeout(60)
class FillFailoverTest {
  private static final int SIZE = 500_000;

  @TempDir Path root;
  private final FakeRegistry first = FakeRegistry.start();
  private final FakeRegistry second = FakeRegistry.start();
  private final byte[] bytes = random();
  private final Digest digest = first.putBlob(bytes);
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final List<Duration> pauses = new ArrayList<>();
  private final Mirrors upstream = new Mirrors(List.of(upstream(first), upstream(second)));
  private final RangeMemory ranges = new RangeMemory("docker.io", Clock.systemUTC());
  private BlobRules.Parts parts = BlobRules.Parts.ONE_AFTER_ANOTHER;
  private TestStore files;
  private BlobStore store;

  FillFailoverTest() {
    second.putBlob(bytes);
  }

  @BeforeEach
  void open() throws IOException {
    files = TestStore.open(root);
    store = files.store();
  }

  @AfterEach
  void close() throws IOException {
    files.close();
    upstream.close();
    first.close();
    second.close();
    timer.shutdownNow();
  }

  private HttpRegistry upstream(FakeRegistry registry) {
    return new HttpRegistry(
        RegistryOptions.of(registry.uri()),
        Clock.systemUTC(),
        new SimpleMeterRegistry(),
        timer,
        Runnable::run);
  }

  private static byte[] random() {
    byte[] bytes = new byte[SIZE];
    new Random(4).nextBytes(bytes);
    return bytes;
  }

  @Test
  void mirrorTakesOverInTheMiddleOfABlobAtTheByteReached() throws Exception {
    first.inject(Recorded.blobGet(digest), Fault.closeAfter(300_000), 1);

    assertThat(fill()).isEqualTo(bytes);

    assertThat(first.blobGets(digest)).hasSize(1);
    assertThat(second.blobGets(digest))
        .singleElement()
        .satisfies(
            get -> {
              assertThat(get.header("Range")).isEqualTo("bytes=300000-");
              assertThat(get.header("If-Range")).isNull();
            });
    assertThat(pauses).containsExactly(Duration.ZERO);
  }

  @Test
  void upstreamAndMirrorAlternateAtEachInterruption() throws Exception {
    first.inject(Recorded.blobGet(digest), Fault.closeAfter(100_000));
    second.inject(Recorded.blobGet(digest), Fault.closeAfter(100_000));

    assertThat(fill()).isEqualTo(bytes);

    assertThat(first.blobGets(digest))
        .extracting(get -> String.valueOf(get.header("Range")))
        .containsExactly("null", "bytes=200000-", "bytes=400000-");
    assertThat(second.blobGets(digest))
        .extracting(get -> get.header("Range"))
        .containsExactly("bytes=100000-", "bytes=300000-");
  }

  /** Their ETags need not agree. What is known of the one is not known of the other. */
  @Test
  void mirrorTakesOverOnePart() throws Exception {
    second.etag(digest, "\"of the mirror\"");
    first.inject(r -> "bytes=200000-399999".equals(r.header("Range")), Fault.status(503), 1);
    ranges.answered(first.uri().getRawAuthority());
    ranges.shown(first.uri().getRawAuthority());
    parts = new BlobRules.Parts(1, 200_000);

    assertThat(fill()).isEqualTo(bytes);

    assertThat(first.blobGets(digest))
        .extracting(get -> get.header("Range"))
        .containsExactly("bytes=0-199999", "bytes=200000-399999", "bytes=400000-499999");
    assertThat(second.blobGets(digest))
        .extracting(get -> get.header("Range"))
        .containsExactly("bytes=200000-399999");
    assertThat(pauses).isEmpty();
  }

  @Test
  void mirrorWithAnotherSizeIsNotMixedIn() throws Exception {
    first.inject(Recorded.blobGet(digest), Fault.closeAfter(300_000), 1);
    second.inject(
        Recorded.blobGet(digest), Fault.header("Content-Range", "bytes 300000-500000/500001"));

    assertThat(fill()).isEqualTo(bytes);

    assertThat(second.blobGets(digest)).hasSize(1);
    assertThat(first.blobGets(digest))
        .last()
        .satisfies(get -> assertThat(get.header("If-Range")).isEqualTo("\"" + digest + "\""));
  }

  @Test
  void fillWaitsAsLongAsItIsAskedTo() {
    first.inject(Recorded.blobGet(digest), Fault.closeAfter(300_000), 1);
    first.inject(r -> r.header("Range") != null, Fault.throttled("17"));
    second.inject(Recorded.blobGet(digest), Fault.throttled("5"));

    UpstreamException failure = catchThrowableOfType(UpstreamException.class, this::fill);

    assertThat(failure.failure()).isEqualTo(Failure.THROTTLED);
    assertThat(pauses).hasSize(SegmentCopy.MAX_BREAKS_WITHOUT_PROGRESS).startsWith(Duration.ZERO);
    assertThat(pauses.get(1)).isEqualTo(Duration.ofSeconds(5));
    assertThat(first.blobGets(digest)).hasSize(2);
    assertThat(second.blobGets(digest)).hasSize(1);
  }

  private byte[] fill() throws UpstreamException, IOException {
    Source source =
        TestSources.source(
            upstream, TestSources.RULES, RepositoryName.of("library/alpine"), Runnable::run);
    BlobProvider provider = BlobProvider.of(source, digest, new Cost());
    FillKey key = new FillKey("docker.io", digest);
    Fill fill =
        new Fill(
            new SegmentCopy.From(provider, (number, asked) -> pauses.add(asked), () -> 0),
            files.spool(),
            new Fills.PlaceOfBlob(files.spool(), key, true, parts),
            new RangeSupport(ranges));
    SpoolFile sealed = fill.run(new Unheard()).orElseThrow();
    try {
      return store.commit(sealed).readSound();
    } finally {
      sealed.release();
    }
  }

  private static final class Unheard implements Fill.Listener {
    @Override
    public void begun(Segments segments, long size) {
      assertThat(size).isEqualTo(SIZE);
    }

    @Override
    public boolean grown(int count) {
      return true;
    }
  }
}
