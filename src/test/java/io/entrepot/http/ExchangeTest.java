package io.entrepot.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Exchanges that end while another thread uses them: the pump's thread and the server's thread. */
@Timeout(60)
class ExchangeTest {
  private final Exchanges exchanges = new Exchanges(Duration.ofSeconds(20));
  private final List<AsyncListener> listeners = new ArrayList<>();
  private final AtomicInteger ends = new AtomicInteger();
  private final AtomicInteger completions = new AtomicInteger();
  private final AsyncContext context = fake(AsyncContext.class, this::contextDoes);
  private Runnable whileCompleting = () -> {};
  private Exchange exchange;

  @BeforeEach
  void begin() {
    Forwarding.Sender client = new Forwarding.Sender("127.0.0.1", Optional.empty(), "");
    ExchangeLog log = new ExchangeLog(new SimpleMeterRegistry());
    HttpServletResponse response = fake(HttpServletResponse.class, (self, method, args) -> 200);
    exchange = new Exchange(request(), response, client, log, exchanges);
    exchanges.enter(exchange);
    exchange.onEnd(ends::incrementAndGet);
    exchange.startAsync();
  }

  private @Nullable Object contextDoes(Object self, Method method, Object[] arguments) {
    switch (method.getName()) {
      case "getRequest" -> {
        return exchange.request();
      }
      case "addListener" -> listeners.add((AsyncListener) arguments[0]);
      case "complete" -> {
        completions.incrementAndGet();
        whileCompleting.run();
      }
      default -> {}
    }
    return null;
  }

  private HttpServletRequest request() {
    return fake(
        HttpServletRequest.class,
        (self, method, arguments) -> method.getName().equals("startAsync") ? context : "GET");
  }

  private static <T> T fake(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private void serverTellsOfAnError() {
    try {
      listeners.get(0).onError(new AsyncEvent(context, new IOException("broken pipe")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void serverIsDone() {
    try {
      listeners.get(0).onComplete(new AsyncEvent(context));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * When the listener of an error returns, the server recycles request and response for the next
   * client.
   */
  @Test
  void errorOfTheServerWaitsForAnEndThatHasBegun() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    CountDownLatch completing = new CountDownLatch(1);
    whileCompleting =
        () -> {
          completing.countDown();
          awaitQuietly(go);
        };
    Thread pump = new Thread(() -> exchange.end(5, null), "pump");
    Thread server = new Thread(this::serverTellsOfAnError, "server");
    pump.start();
    completing.await();

    server.start();
    await().until(() -> server.getState() == Thread.State.BLOCKED);
    assertThat(pump.isAlive()).isTrue();
    go.countDown();
    server.join();
    pump.join();

    assertThat(completions).hasValue(1);
    assertThat(ends).hasValue(1);
  }

  /**
   * Tomcat marks the response as failed after another thread has been called because of the failed
   * write.
   */
  @Test
  void errorOfTheServerWaitsForAWriteThatHasBegun() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    CountDownLatch writing = new CountDownLatch(1);
    Runnable write =
        () -> {
          writing.countDown();
          awaitQuietly(go);
        };
    Thread pump = new Thread(() -> exchange.use(write), "pump");
    Thread server = new Thread(this::serverTellsOfAnError, "server");
    pump.start();
    writing.await();

    server.start();
    await().until(() -> server.getState() == Thread.State.BLOCKED);
    go.countDown();
    server.join();
    pump.join();

    assertThat(completions).hasValue(1);
  }

  @Test
  void responseIsNotUsedAfterTheServersError() {
    serverTellsOfAnError();

    assertThat(exchange.use(() -> fail("it may be the next client's by now"))).isFalse();
  }

  @Test
  void userOfAnExchangeSeesThatTheServerHasEndedIt() {
    AtomicInteger heard = new AtomicInteger();
    exchange.onCut(heard::incrementAndGet);

    serverTellsOfAnError();

    assertThat(heard).hasValue(1);
  }

  @Test
  void endAfterTheServersErrorDoesNotTouchTheResponse() {
    serverTellsOfAnError();
    whileCompleting =
        () -> {
          throw new AssertionError("it may be the next client's by now");
        };

    exchange.end(5, null);
    exchange.abort(5, "the pump has found it out too");

    assertThat(completions).hasValue(1);
    assertThat(ends).hasValue(1);
  }

  @Test
  void exchangeThatTheServerHasCompletedIsNoFailure() {
    whileCompleting =
        () -> {
          throw new IllegalStateException("completed already");
        };

    exchange.end(5, null);

    assertThat(ends).hasValue(1);
  }

  @Test
  void drainWaitsUntilTheServerIsDoneWithAnEndedExchangeThatIsNoLongerCounted() throws Exception {
    exchange.end(5, null);
    assertThat(exchanges.count()).isZero();

    Thread drain = new Thread(exchanges::drain, "drain");
    drain.start();
    await().until(() -> drain.getState() == Thread.State.TIMED_WAITING);
    serverIsDone();

    drain.join();
    assertThat(exchanges.count()).isZero();
  }

  /** Payara does not always say that it is done. */
  @Test
  void drainDoesNotWaitForAClientThatHasLeft() {
    exchange.end(5, "the client left: broken pipe");

    assertThat(exchanges.count()).isZero();
    assertTimeout(Duration.ofSeconds(1), exchanges::drain);
  }

  @Test
  void drainDoesNotWaitForeverForAServerThatNeverSaysThatItIsDone() {
    exchange.abort(5, "the upstream failed");

    assertThat(exchanges.count()).isZero();
    assertTimeout(Duration.ofSeconds(10), exchanges::drain);
  }

  @Test
  void exchangeThatTheServerHasCompletedIsNotWaitedFor() {
    whileCompleting =
        () -> {
          throw new IllegalStateException("completed already");
        };
    exchange.end(5, null);

    assertTimeout(Duration.ofSeconds(1), exchanges::drain);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
