package io.entrepot.upstream.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Garbage;
import io.entrepot.fixture.GarbageServer;
import io.entrepot.oci.Cost;
import io.entrepot.oci.Digest;
import io.entrepot.upstream.FetchRange;
import io.entrepot.upstream.UpstreamBody;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.pace.Restraint;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Ten thousand answers that make no sense, and not one connection that is lost over it (S13). */
@Timeout(120)
class GarbageTest {
  private static final int ANSWERS = 10_000;
  private static final int CALLERS = 8;
  private static final int MAX_READ = 64 << 10;
  private static final String BODY = "body";
  private static final String BROKEN_BODY = "broken body";
  private static final Restraint NEVER_RESTS =
      Restraint.DEFAULT.withBreaker(Integer.MAX_VALUE, Duration.ofMillis(1), Duration.ofMillis(1));

  /** What a client is told of as 502, as opposed to a 500. */
  private static final Set<Failure> CLEAN = EnumSet.of(Failure.INVALID, Failure.UNREACHABLE);

  private final AtomicInteger asked = new AtomicInteger();

  /** How the calls have ended: by a failure, or with a body in hand. */
  private final Map<String, LongAdder> ends = new ConcurrentHashMap<>();

  @Test
  void noConnectionIsLostOverTenThousandAnswersOfGarbage() throws Exception {
    Garbage[] kinds = Garbage.values();
    AtomicInteger answered = new AtomicInteger();
    ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
    try (Bench bench = new Bench();
        GarbageServer garbage =
            GarbageServer.start(head -> kinds[answered.getAndIncrement() % kinds.length])) {
      HttpRegistry upstream = bench.upstream(options -> at(options, garbage.uri()));
      List<Callable<Void>> calls = new ArrayList<>();
      for (int i = 0; i < ANSWERS; i++) {
        boolean blob = i % 4 != 0;
        calls.add(() -> blob ? fetchBlob(upstream) : fetchManifest(upstream));
      }
      for (Future<Void> call : callers.invokeAll(calls)) {
        call.get();
      }
      assertThat(ends.values().stream().mapToInt(LongAdder::intValue).sum()).isEqualTo(ANSWERS);
      // Of a server that is down there would be one way only: a call that fails as unreachable.
      for (String end : List.of("INVALID", "UNREACHABLE", BODY, BROKEN_BODY)) {
        assertThat(ends).containsKey(end);
        assertThat(ends.get(end).intValue()).as(end).isGreaterThan(ANSWERS / 50);
      }
      // The others found that the connection they were to use again was closed.
      assertThat(garbage.requests()).isBetween(ANSWERS / 10 * 9, ANSWERS);
      assertThat(leased(bench, garbage)).isZero();
    } finally {
      callers.shutdownNow();
    }
  }

  /** Fewer connections than callers: one that was lost would be missed by all after it. */
  private static RegistryOptions at(RegistryOptions options, URI uri) {
    return RegistryOptions.of(uri)
        .wire(w -> w.withTimeouts(options.wire().timeouts()).withMaxConnections(CALLERS))
        .restraint(r -> NEVER_RESTS);
  }

  /** A new digest for each call: one that fails twice in a row is not asked for a while. */
  private Digest another() {
    return Digest.ofBytes(Digest.Algorithm.SHA256, ("" + asked.incrementAndGet()).getBytes(UTF_8));
  }

  private Void fetchBlob(HttpRegistry upstream) {
    try (UpstreamBody body =
        upstream.fetchBlob(Bench.REPOSITORY, another(), FetchRange.WHOLE, new Cost())) {
      // What cannot be told from a body is verified by the fill, which reads no further than this.
      assertThat(body.stream().readNBytes(MAX_READ)).isNotNull();
      ended(BODY);
    } catch (UpstreamException e) {
      assertThat(e.failure()).as(e.getMessage()).isIn(CLEAN);
      ended(e.failure().name());
    } catch (IOException e) {
      assertThat(e).isNotInstanceOf(SocketTimeoutException.class);
      ended(BROKEN_BODY);
    }
    return null;
  }

  private Void fetchManifest(HttpRegistry upstream) {
    try {
      upstream.fetchManifest(Bench.REPOSITORY, another(), new Cost());
      throw new AssertionError("garbage is no manifest");
    } catch (UpstreamException e) {
      assertThat(e.failure()).as(e.getMessage()).isIn(CLEAN);
      ended(e.failure().name());
    }
    return null;
  }

  private void ended(String how) {
    ends.computeIfAbsent(how, k -> new LongAdder()).increment();
  }

  private static double leased(Bench bench, GarbageServer garbage) {
    return bench
        .meters
        .get("entrepot.upstream.connections")
        .tag("upstream", garbage.uri().getAuthority())
        .gauge()
        .value();
  }

  @Test
  void connectionInUseIsCounted() throws Exception {
    try (Bench bench = new Bench(FakeRegistry.start())) {
      Digest blob = bench.registry.putGeneratedBlob(1 << 20, 1);
      HttpRegistry upstream = bench.upstream();
      try (UpstreamBody body =
          upstream.fetchBlob(Bench.REPOSITORY, blob, FetchRange.WHOLE, bench.cost)) {
        assertThat(bench.meters.get("entrepot.upstream.connections").gauge().value()).isEqualTo(1);
        assertThat(body.stream().read()).isNotNegative();
      }
      assertThat(bench.meters.get("entrepot.upstream.connections").gauge().value()).isZero();
    }
  }
}
