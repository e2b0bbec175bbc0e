package io.entrepot.cache;

import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Cost;
import io.entrepot.oci.RepositoryName;
import io.entrepot.routing.Job;
import io.entrepot.routing.Jobs;
import io.entrepot.routing.ProxiedUpstream;
import io.entrepot.routing.Rules;
import io.entrepot.routing.Source;
import io.entrepot.routing.TestSources;
import io.entrepot.routing.UpstreamStatus;
import io.entrepot.upstream.Upstream;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.UpstreamQuery;
import io.entrepot.upstream.registry.HttpRegistry;
import io.entrepot.upstream.registry.RegistryOptions;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A fake registry as an upstream whose tasks a test runs step by step. A test can make it
 * unreachable, give it a scarce limit of requests, or let it fail with an unexpected error.
 */
public final class TestUpstream implements AutoCloseable {
  public final FakeRegistry registry = FakeRegistry.start();
  public final TaskQueue fills = new TaskQueue("fill");

  /** The jobs that run only when no other one waits. */
  public final TaskQueue idle = new TaskQueue("idle");

  public final TaskQueue questions = new TaskQueue("question");

  private final AtomicLong skipped = new AtomicLong();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final HttpRegistry http =
      new HttpRegistry(
          RegistryOptions.of(registry.uri()),
          Clock.systemUTC(),
          () -> System.nanoTime() + skipped.get(),
          new SimpleMeterRegistry(),
          timer,
          Runnable::run);
  private final Upstream upstream = new Switched();
  private volatile boolean reachable = true;
  private volatile boolean scarce;
  private volatile @Nullable Error error;

  private final String name;

  /** An upstream called {@code docker.io}. */
  public TestUpstream() {
    this("docker.io");
  }

  /** Connects it, as at deploy, so that it is known to make no demands. */
  public TestUpstream(String name) {
    this.name = name;
    try {
      http.connect(new Cost());
    } catch (UpstreamException e) {
      throw new IllegalStateException(e);
    }
    registry.clearRequests();
  }

  /** An upstream that asks the registry, unless the test has switched it off. */
  private final class Switched implements Upstream {
    @Override
    public <T> T ask(UpstreamQuery<T> query, Cost cost) throws UpstreamException {
      Error unforeseen = error;
      if (unforeseen != null) {
        throw unforeseen;
      }
      if (!reachable) {
        throw new UpstreamException(Failure.UNREACHABLE, "the upstream is being spared");
      }
      return http.ask(query, cost);
    }

    @Override
    public boolean isScarce() {
      return scarce;
    }

    @Override
    public boolean isReachable() {
      return reachable;
    }

    @Override
    public void close() {}
  }

  /** Sets whether requests are sent to it. */
  public void reachable(boolean now) {
    reachable = now;
  }

  /** Goes on as if so much time had passed since it asked to be spared. */
  public void skip(Duration time) {
    skipped.addAndGet(time.toNanos());
  }

  /** Sets whether its limit of requests is nearly reached. */
  public void scarce(boolean now) {
    scarce = now;
  }

  /** Makes every call throw an error. */
  public void failUnforeseen(Error how) {
    error = how;
  }

  /** The source of one of its repositories, with these rules. */
  public Source source(RepositoryName repository, Rules rules) {
    ProxiedUpstream proxied =
        new ProxiedUpstream(
            TestSources.names(name),
            rules,
            upstream,
            new ProxiedUpstream.Workers(new FillJobs(), questions::execute),
            URI.create("https://" + name),
            () -> new UpstreamStatus(name, false, List.of()));
    return TestSources.of(proxied, repository);
  }

  private final class FillJobs implements Jobs {
    @Override
    public void execute(Job job) {
      fills.execute(job);
    }

    @Override
    public void whenIdle(Job job) {
      idle.execute(job);
    }
  }

  /** The methods of all requests so far, in order. */
  public List<String> requests() {
    return registry.requests().stream().map(Recorded::method).toList();
  }

  @Override
  public void close() {
    fills.close();
    idle.close();
    questions.close();
    http.close();
    registry.close();
    timer.shutdownNow();
  }
}
