package io.entrepot.upstream.registry;

import static io.entrepot.upstream.registry.Bench.REPOSITORY;
import static io.entrepot.upstream.registry.Bench.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.oci.Digest;
import io.entrepot.upstream.FetchRange;
import io.entrepot.upstream.UpstreamBody;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.concurrent.Callable;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The deadline of a call passes in the moment in which the answer's head has come, and the call is
 * about to let the body take its time: after that head, and before it has called the timer off.
 */
@Timeout(60)
class DeadlineRaceTest {
  private final Bench bench = new Bench();
  private final Timer timer = new Timer();
  private final HttpRegistry upstream =
      new HttpRegistry(
          RegistryOptions.of(bench.registry.uri())
              .wire(w -> w.withTimeouts(Bench.TIMEOUTS).withMaxConnections(1)),
          bench.clock,
          bench.nanos::get,
          bench.meters,
          timer,
          Runnable::run);
  private final Digest digest = bench.registry.putGeneratedBlob(32 << 20, 1);

  /** One whose tasks run in the moment in which they are called off. */
  private static final class Timer extends ScheduledThreadPoolExecutor {
    volatile boolean strikes;

    /** What is answered to who calls off: true is the answer while the task runs still. */
    volatile boolean answer;

    Timer() {
      super(1);
    }

    @Override
    @SuppressWarnings("unchecked")
    public <V> ScheduledFuture<V> schedule(Callable<V> task, long delay, TimeUnit unit) {
      ScheduledFuture<V> future = super.schedule(task, delay, unit);
      return (ScheduledFuture<V>)
          Proxy.newProxyInstance(
              getClass().getClassLoader(),
              new Class<?>[] {ScheduledFuture.class},
              (self, method, arguments) -> {
                if (strikes && method.getName().equals("cancel")) {
                  strikes = false;
                  task.call();
                  return answer;
                }
                return method.invoke(future, arguments);
              });
    }
  }

  @AfterEach
  void close() {
    upstream.close();
    bench.close();
    timer.shutdownNow();
  }

  @Test
  void deadlineThatHasPassedIsATimeoutAndNoBodyThatEndsEarly() throws Exception {
    timer.answer = false;
    timer.strikes = true;

    assertFails(Failure.TIMEOUT, () -> fetch().close());

    assertThat(timer.strikes).isFalse();
    assertNothingIsLost();
  }

  @Test
  void deadlineThatIsJustPassingBreaksTheBodyAndDoesNotEndIt() throws Exception {
    timer.answer = true;
    timer.strikes = true;

    try (UpstreamBody body = fetch()) {
      assertThat(timer.strikes).isFalse();
      assertThatThrownBy(() -> body.stream().readAllBytes()).isInstanceOf(IOException.class);
    }
    assertNothingIsLost();
  }

  private UpstreamBody fetch() throws UpstreamException {
    return upstream.fetchBlob(REPOSITORY, digest, FetchRange.WHOLE, bench.cost);
  }

  /** The one connection that there may be is free for the next call, whose body is whole. */
  private void assertNothingIsLost() throws Exception {
    assertThat(bench.meters.get("entrepot.upstream.connections").gauge().value()).isZero();
    byte[] bytes = bench.fetch(upstream, digest);
    assertThat(Digest.ofBytes(Digest.Algorithm.SHA256, bytes)).isEqualTo(digest);
  }
}
