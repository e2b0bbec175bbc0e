package io.entrepot.cache.blobs;

import io.entrepot.access.Client;
import io.entrepot.cache.BlobReader;
import io.entrepot.cache.CacheMeters;
import io.entrepot.cache.TestContent;
import io.entrepot.cache.TestUpstream;
import io.entrepot.fixture.TestClock;
import io.entrepot.memory.Allowance;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RegistryRequest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.routing.PullRequest;
import io.entrepot.routing.Rules;
import io.entrepot.routing.Source;
import io.entrepot.store.file.TestStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A fixture for fills from a fake registry. The test runs them. */
@Timeout(60)
abstract class FillsFixture {
  static final RepositoryName APP = RepositoryName.of("team/app");
  static final int SIZE = 300_000;

  @TempDir Path folder;
  final TestClock clock = new TestClock();
  final TestUpstream upstream = new TestUpstream();
  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  final InFlightBlobs inFlight = new InFlightBlobs(new Allowance(1 << 20));
  final byte[] bytes = BlobCacheFixture.random(SIZE);
  final Digest digest = upstream.registry.putBlob(bytes);
  Rules rules = BlobCacheFixture.rules(0, 0);
  Optional<FillClaims> claims = Optional.empty();
  TestContent here;
  Fills fills;

  @BeforeEach
  void open() throws Exception {
    open(0);
  }

  /**
   * Opens the local content.
   *
   * @param reserve how many bytes of the disk must stay free
   */
  void open(long reserve) throws Exception {
    open(TestStore.open(folder.resolve("data"), reserve, true));
  }

  /** Opens the local content with a store. */
  void open(TestStore files) throws Exception {
    here = TestContent.open(folder, Duration.ZERO, files, clock);
    fills =
        new Fills(
            here.files.spool(),
            inFlight,
            new BlobProviders(here.content, claims),
            (n, asked) -> {},
            new CacheMeters(meters),
            clock,
            () -> 0);
  }

  @AfterEach
  void close() throws IOException {
    upstream.close();
    here.close();
  }

  Source source() {
    return upstream.source(APP, rules);
  }

  PullRequest pull(Digest wanted) {
    return new PullRequest(
        new RegistryRequest.GetBlob(APP, wanted), source(), Client.anonymous("192.0.2.1"));
  }

  /** A blob that is about to be filled, in the in-flight map. */
  InFlightBlob enter(Digest wanted) {
    InFlightBlob flight = new InFlightBlob(wanted, source(), clock.instant());
    if (!inFlight.enter(flight)) {
      throw new IllegalStateException("another is there");
    }
    return flight;
  }

  /** Begins a fill that waits for the test to run it. */
  void begin(InFlightBlob flight) {
    fills.begin(flight, pull(flight.digest()), () -> inFlight.leave(flight));
  }

  /** A client that joins when the fill has started. */
  static CompletableFuture<@Nullable BlobReader> joinAtOnce(InFlightBlob flight) {
    return flight.started().thenApply(size -> flight.join(null, size));
  }

  double count(String meter) {
    return meters.find(meter).counters().stream().mapToDouble(counter -> counter.count()).sum();
  }

  /** The names of the files in the spool. */
  List<String> spooled() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("data/spool"))) {
      return files.map(file -> String.valueOf(file.getFileName())).toList();
    }
  }

  /** Reads all bytes that have arrived. */
  static byte[] readSoFar(BlobReader reader) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteBuffer chunk = ByteBuffer.allocate(64 << 10);
    int n;
    while ((n = reader.read(chunk.clear())) > 0) {
      out.write(chunk.array(), 0, n);
    }
    return out.toByteArray();
  }
}
