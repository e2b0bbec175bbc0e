package io.entrepot.upstream.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Recorded;
import io.entrepot.fixture.TestClock;
import io.entrepot.oci.Cost;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.upstream.FetchRange;
import io.entrepot.upstream.Upstream;
import io.entrepot.upstream.UpstreamBody;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.credentials.CredentialSource;
import io.entrepot.upstream.credentials.Credentials;
import io.entrepot.upstream.wire.Timeouts;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** A fake registry, a clock, and upstreams that point to it. */
public final class Bench implements AutoCloseable {
  public static final RepositoryName REPOSITORY = RepositoryName.of("library/alpine");
  public static final String NAME = REPOSITORY.value();

  /** Generous for a loaded machine; tests that wait for one of them make it short. */
  public static final Timeouts TIMEOUTS =
      new Timeouts(
          Duration.ofSeconds(5),
          Duration.ofSeconds(10),
          Duration.ofSeconds(10),
          Duration.ofSeconds(10),
          Duration.ofSeconds(20));

  public final FakeRegistry registry;
  public final TestClock clock = new TestClock();

  /** Monotonic time of what spares an upstream; a test moves it. */
  public final AtomicLong nanos = new AtomicLong(-5);

  public final MeterRegistry meters = new SimpleMeterRegistry();
  public final Cost cost = new Cost();

  /** Probes of breakers that are due. They run when a test says so. */
  private final BlockingQueue<Runnable> probes = new LinkedBlockingQueue<>();

  private int failed;
  private final AtomicInteger refusals = new AtomicInteger();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final List<HttpRegistry> opened = new ArrayList<>();

  public Bench() {
    this(FakeRegistry.start());
  }

  public Bench(FakeRegistry registry) {
    this.registry = registry;
  }

  public HttpRegistry upstream() {
    return upstream(options -> options);
  }

  /**
   * An upstream that has answered {@code /v2/}, as it does at deploy. That request is forgotten.
   */
  public HttpRegistry connected() {
    HttpRegistry upstream = upstream();
    try {
      upstream.connect(new Cost());
    } catch (UpstreamException e) {
      throw new IllegalStateException(e);
    }
    registry.clearRequests();
    return upstream;
  }

  public HttpRegistry upstream(Credentials credentials) {
    return upstream(
        options -> options.auth(a -> a.withCredentials(CredentialSource.of(credentials))));
  }

  public HttpRegistry upstream(UnaryOperator<RegistryOptions> change) {
    return upstream(registry, change);
  }

  /** An upstream that points to another registry, which the caller closes. */
  public HttpRegistry upstream(FakeRegistry other, UnaryOperator<RegistryOptions> change) {
    RegistryOptions options = RegistryOptions.of(other.uri()).wire(w -> w.withTimeouts(TIMEOUTS));
    HttpRegistry upstream =
        new HttpRegistry(change.apply(options), clock, nanos::get, meters, timer, this::take);
    opened.add(upstream);
    return upstream;
  }

  /** Lets time pass on both clocks. */
  public void pass(Duration time) {
    clock.advance(time);
    nanos.addAndGet(time.toNanos());
  }

  /** Asks for so many new resources, and the registry fails at each. */
  public void failAt(HttpRegistry upstream, Fault fault, int resources) {
    int before = registry.requests().size();
    for (int i = 0; i < resources; i++) {
      Digest each = registry.putBlob(("resource " + ++failed).getBytes(UTF_8));
      registry.inject(Recorded.blob(each), fault, 1);
      assertThat(catchThrowable(() -> upstream.headBlob(REPOSITORY, each, cost)))
          .isInstanceOf(UpstreamException.class);
    }
    assertThat(registry.requests()).hasSize(before + resources);
  }

  private void take(Runnable probe) {
    if (refusals.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      throw new RejectedExecutionException("told to refuse");
    }
    probes.add(probe);
  }

  /** Lets no thread run the next probes. */
  public void refuseProbes(int count) {
    refusals.set(count);
  }

  /** How many probes are still to be refused. */
  public int refusals() {
    return refusals.get();
  }

  /** Runs the probe that a refused call has started. Waits for it where it is not due yet. */
  public void probe() throws InterruptedException {
    Runnable probe = probes.poll(10, TimeUnit.SECONDS);
    assertThat(probe).as("a probe").isNotNull();
    probe.run();
  }

  /** How many probes are due. */
  public int probes() {
    return probes.size();
  }

  /** Fetches a whole blob and counts it on {@link #cost}. */
  public byte[] fetch(Upstream upstream, Digest digest) throws UpstreamException, IOException {
    return fetch(upstream, REPOSITORY, digest, cost);
  }

  public static byte[] fetch(Upstream upstream, RepositoryName repository, Digest digest, Cost cost)
      throws UpstreamException, IOException {
    try (UpstreamBody body = upstream.fetchBlob(repository, digest, FetchRange.WHOLE, cost)) {
      return body.stream().readAllBytes();
    }
  }

  /** Asserts how a call fails; the message is what follows. */
  public static AbstractThrowableAssert<?, UpstreamException> assertFails(
      Failure failure, ThrowingCallable call) {
    UpstreamException thrown = catchThrowableOfType(UpstreamException.class, call);
    assertThat(thrown).as("failure of the call").isNotNull();
    assertThat(thrown.failure()).as(thrown.getMessage()).isEqualTo(failure);
    return assertThat(thrown);
  }

  @Override
  public void close() {
    opened.forEach(HttpRegistry::close);
    registry.close();
    timer.shutdownNow();
  }
}
