package io.entrepot.upstream.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.fixture.FakeRegistry;
import io.entrepot.upstream.Origin;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A host with several addresses of which one is dead (F33). */
@Timeout(60)
class LiveAddressesTest {
  private static final int PORT = 5000;
  private static final String DEAD = "127.0.0.2";
  private static final String ALIVE = "127.0.0.1";
  private static final String OTHER = "127.0.0.3";

  private final List<AutoCloseable> opened = new ArrayList<>();
  private final AtomicLong nanos = new AtomicLong(-5);
  private List<String> known = List.of(DEAD, ALIVE);
  private final GuardedResolver resolver =
      new GuardedResolver(
          new Known(),
          new Origin("http", "r.example", PORT),
          Set.of(),
          RedirectTargets.of(List.of("127.0.0.0/8")));
  private final LiveAddresses addresses = new LiveAddresses(resolver, nanos::get);

  /** A DNS that knows the same addresses for every host. */
  private final class Known implements DnsResolver {
    @Override
    public InetAddress[] resolve(String host) throws UnknownHostException {
      InetAddress[] all = new InetAddress[known.size()];
      for (int i = 0; i < all.length; i++) {
        all[i] = addressOf(known.get(i));
      }
      return all;
    }

    @Override
    public String resolveCanonicalHostname(String host) {
      return host;
    }
  }

  private static InetAddress addressOf(String text) throws UnknownHostException {
    return InetAddress.getAllByName(text)[0];
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
  }

  private List<String> attempts() throws IOException {
    return addresses.resolve("r.example", PORT).stream()
        .map(each -> each.getAddress().getHostAddress())
        .toList();
  }

  /** Makes an address answer nothing: its queue of connections is full. */
  private ServerSocket silent(String address, int port) throws IOException {
    ServerSocket server = new ServerSocket(port, 1, addressOf(address));
    opened.add(server);
    for (int i = 0; i < 3; i++) {
      Socket waiting = new Socket();
      opened.add(waiting);
      try {
        waiting.connect(server.getLocalSocketAddress(), 50);
      } catch (SocketTimeoutException full) {
        return server;
      }
    }
    return server;
  }

  private void connect(InetSocketAddress to) throws IOException {
    try (Socket socket = addresses.create(null)) {
      socket.connect(to, 5_000);
    }
  }

  @Test
  void eachGetsAMomentFirstAndThenTheWholeTimeout() throws Exception {
    assertThat(attempts()).containsExactly(DEAD, ALIVE, DEAD, ALIVE);
  }

  @Test
  void onlyAddressGetsTheWholeTimeoutAtOnce() throws Exception {
    known = List.of(DEAD);

    assertThat(attempts()).containsExactly(DEAD);
  }

  @Test
  void deadOneIsGivenAMomentAndIsThenLastForAMinute() throws Exception {
    ServerSocket dead = silent(DEAD, 0);
    InetSocketAddress first = addresses.resolve("r.example", dead.getLocalPort()).get(0);
    long begun = System.nanoTime();

    assertThatThrownBy(() -> connect(first)).isInstanceOf(SocketTimeoutException.class);

    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(4));
    assertThat(attempts()).containsExactly(ALIVE, ALIVE, DEAD);
    nanos.addAndGet(Duration.ofMinutes(1).toNanos());
    assertThat(attempts()).containsExactly(DEAD, ALIVE, DEAD, ALIVE);
  }

  /** It needs longer than the moment, and does not cost the moment each time. */
  @Test
  void slowOneComesBeforeTheDeadAndGetsTheWholeTimeout() throws Exception {
    known = List.of(DEAD, ALIVE, OTHER);
    ServerSocket alive = new ServerSocket(0, 50, addressOf(ALIVE));
    opened.add(alive);
    for (InetSocketAddress each : addresses.resolve("r.example", 1).subList(0, 3)) {
      assertThatThrownBy(() -> connect(each)).isInstanceOf(IOException.class);
    }
    assertThat(attempts()).containsExactly(DEAD, ALIVE, OTHER);

    connect(new InetSocketAddress(addressOf(ALIVE), alive.getLocalPort()));

    assertThat(attempts()).containsExactly(ALIVE, DEAD, OTHER);
  }

  @Test
  void requestReachesTheOtherAddressWithoutTheTimeoutOfTheDeadOne() throws Exception {
    try (FakeRegistry registry = FakeRegistry.start()) {
      int port = registry.uri().getPort();
      var unused = silent(DEAD, port);
      URI uri = URI.create("http://r.example:" + port + "/v2/");
      Duration connect = Duration.ofSeconds(20);
      Timeouts patient = new Timeouts(connect, connect, connect, connect, connect);
      try (PooledClient client =
          new PooledClient(
              WireOptions.of(uri).withTimeouts(patient), Set.of(), resolver, addresses)) {
        for (int i = 0; i < 2; i++) {
          long begun = System.nanoTime();
          HttpUriRequestBase request = new HttpUriRequestBase("GET", uri);
          request.setConfig(client.config());
          request.setHeader("Connection", "close");
          try (ClassicHttpResponse answer = client.execute(request, client.newContext())) {
            assertThat(answer.getCode()).isEqualTo(200);
          }
          assertThat(Duration.ofNanos(System.nanoTime() - begun))
              .isLessThan(Duration.ofSeconds(10));
        }
      }
      assertThat(registry.requests()).hasSize(2);
      assertThat(attempts()).containsExactly(ALIVE, ALIVE, DEAD);
    }
  }
}
