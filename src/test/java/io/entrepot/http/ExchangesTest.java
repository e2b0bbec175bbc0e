package io.entrepot.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.entrepot.fixture.Background;
import io.entrepot.oci.OciException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import jakarta.servlet.http.HttpServletRequest;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ExchangesTest {
  private final ExchangeLog log = new ExchangeLog(new SimpleMeterRegistry());

  private Exchange exchange(Exchanges exchanges) {
    HttpServletRequest empty =
        (HttpServletRequest)
            Proxy.newProxyInstance(
                HttpServletRequest.class.getClassLoader(),
                new Class<?>[] {HttpServletRequest.class},
                (self, method, arguments) -> "GET");
    Forwarding.Sender client = new Forwarding.Sender("127.0.0.1", Optional.empty(), "");
    return new Exchange(empty, null, client, log, exchanges);
  }

  @Test
  void newRequestsAreRefusedAfterShut() {
    Exchanges exchanges = new Exchanges(Duration.ofSeconds(20));
    exchanges.enter(exchange(exchanges));
    assertThat(exchanges.trouble()).isEmpty();

    exchanges.shut();

    assertThatThrownBy(() -> exchanges.enter(exchange(exchanges)))
        .isInstanceOf(OciException.class)
        .hasMessageContaining("about to stop");
    assertThat(exchanges.count()).isEqualTo(1);
    assertThat(exchanges.trouble()).hasValue("about to stop, with 1 unfinished requests");
  }

  @Test
  void drainEndsWithTheLastRequest() throws Exception {
    Exchanges exchanges = new Exchanges(Duration.ofSeconds(20));
    Exchange last = exchange(exchanges);
    AtomicInteger cuts = new AtomicInteger();
    last.onCut(cuts::incrementAndGet);
    exchanges.enter(last);

    CompletableFuture<Void> drain = Background.run(exchanges::drain);
    await().until(() -> exchanges.trouble().isPresent());
    assertThat(drain).isNotDone();
    exchanges.leave(last);

    drain.get(60, TimeUnit.SECONDS);
    assertThat(cuts).hasValue(0);
  }

  @Test
  void requestsAfterTheTimeoutAreCutOffOnce() {
    Exchanges exchanges = new Exchanges(Duration.ofMillis(50));
    Exchange slow = exchange(exchanges);
    AtomicInteger cuts = new AtomicInteger();
    slow.onCut(
        () -> {
          cuts.incrementAndGet();
          exchanges.leave(slow);
        });
    exchanges.enter(slow);

    exchanges.drain();
    exchanges.drain();

    assertThat(cuts).hasValue(1);
    assertThat(exchanges.count()).isZero();
  }

  @Test
  void drainTimeoutCountsFromShut() {
    Exchanges exchanges = new Exchanges(Duration.ofMillis(50));
    Exchange slow = exchange(exchanges);
    slow.onCut(() -> exchanges.leave(slow));
    exchanges.enter(slow);
    exchanges.shut();
    long begin = System.nanoTime();
    await().until(() -> System.nanoTime() - begin > 50_000_000L);

    // If the drain had to wait, the interrupt would end it, and no request would be cut off.
    Thread.currentThread().interrupt();
    exchanges.drain();

    assertThat(Thread.interrupted()).isTrue();
    assertThat(exchanges.count()).isZero();
  }

  @Test
  void actionSetAfterACutRunsAtOnce() {
    Exchange exchange = exchange(new Exchanges(Duration.ZERO));
    AtomicInteger cuts = new AtomicInteger();
    exchange.cut();

    exchange.onCut(cuts::incrementAndGet);

    assertThat(cuts).hasValue(1);
  }
}
