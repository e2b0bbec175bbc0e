package io.entrepot.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.TestClock;
import io.entrepot.oci.Cost;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.upstream.UpstreamException.Failure;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** A fake registry, a clock, and upstreams that point to it. */
final class Bench implements AutoCloseable {
  static final RepositoryName REPOSITORY = RepositoryName.of("library/alpine");
  static final String NAME = REPOSITORY.value();

  /** Generous for a loaded machine; tests that wait for one of them make it short. */
  static final Timeouts TIMEOUTS =
      new Timeouts(
          Duration.ofSeconds(5),
          Duration.ofSeconds(10),
          Duration.ofSeconds(10),
          Duration.ofSeconds(10),
          Duration.ofSeconds(20));

  final FakeRegistry registry;
  final TestClock clock = new TestClock();

  /** Monotonic time of what spares an upstream; a test moves it. */
  final AtomicLong nanos = new AtomicLong(-5);

  final MeterRegistry meters = new SimpleMeterRegistry();
  final Cost cost = new Cost();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final List<HttpUpstream> opened = new ArrayList<>();

  Bench() {
    this(FakeRegistry.start());
  }

  Bench(FakeRegistry registry) {
    this.registry = registry;
  }

  HttpUpstream upstream() {
    return upstream(options -> options);
  }

  HttpUpstream upstream(Credentials credentials) {
    return upstream(options -> options.withCredentials(credentials));
  }

  HttpUpstream upstream(UnaryOperator<UpstreamOptions> change) {
    return upstream(registry, change);
  }

  /** An upstream that points to another registry, which the caller closes. */
  HttpUpstream upstream(FakeRegistry other, UnaryOperator<UpstreamOptions> change) {
    UpstreamOptions options = UpstreamOptions.of(other.uri()).withTimeouts(TIMEOUTS);
    HttpUpstream upstream =
        new HttpUpstream(change.apply(options), clock, nanos::get, meters, timer);
    opened.add(upstream);
    return upstream;
  }

  /** Lets time pass on both clocks. */
  void pass(Duration time) {
    clock.advance(time);
    nanos.addAndGet(time.toNanos());
  }

  /** Fetches a whole blob and counts it on {@link #cost}. */
  byte[] fetch(Upstream upstream, Digest digest) throws UpstreamException, IOException {
    return fetch(upstream, REPOSITORY, digest, cost);
  }

  static byte[] fetch(Upstream upstream, RepositoryName repository, Digest digest, Cost cost)
      throws UpstreamException, IOException {
    try (UpstreamBody body = upstream.fetchBlob(repository, digest, Stretch.WHOLE, cost)) {
      return body.stream().readAllBytes();
    }
  }

  /** Asserts how a call fails; the message is what follows. */
  static AbstractThrowableAssert<?, UpstreamException> assertFails(
      Failure failure, ThrowingCallable call) {
    UpstreamException thrown = catchThrowableOfType(UpstreamException.class, call);
    assertThat(thrown).as("failure of the call").isNotNull();
    assertThat(thrown.failure()).as(thrown.getMessage()).isEqualTo(failure);
    return assertThat(thrown);
  }

  @Override
  public void close() {
    opened.forEach(HttpUpstream::close);
    registry.close();
    timer.shutdownNow();
  }
}
