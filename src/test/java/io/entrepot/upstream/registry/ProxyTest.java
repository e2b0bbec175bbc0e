package io.entrepot.upstream.registry;

import static io.entrepot.upstream.registry.Bench.assertFails;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.fixture.FakeCertificate;
import io.entrepot.fixture.FakeProxy;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.oci.Digest;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.wire.OutboundProxy;
import java.net.PasswordAuthentication;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Upstreams behind a forward proxy. */
@Timeout(60)
class ProxyTest {
  private static final byte[] BYTES = "bytes".getBytes(UTF_8);
  private static final PasswordAuthentication PROXY_USER =
      new PasswordAuthentication("proxy", "hunter2".toCharArray());

  private final FakeProxy proxy;

  ProxyTest() throws Exception {
    proxy = FakeProxy.start();
  }

  @AfterEach
  void close() {
    proxy.close();
  }

  private OutboundProxy settings(PasswordAuthentication user, String... exceptions) {
    return new OutboundProxy("127.0.0.1", proxy.port(), user, List.of(exceptions));
  }

  /** An upstream whose name only the proxy can resolve. */
  private HttpRegistry named(Bench bench, OutboundProxy through) {
    URI uri = URI.create("http://registry.invalid:" + bench.registry.uri().getPort());
    return bench.upstream(
        o ->
            RegistryOptions.of(uri)
                .wire(w -> w.withTimeouts(o.wire().timeouts()).withProxy(through)));
  }

  @Test
  void plainUpstreamIsAskedThroughTheProxy() throws Exception {
    try (Bench bench = new Bench()) {
      Digest digest = bench.registry.putBlob(BYTES);

      assertThat(bench.fetch(named(bench, settings(PROXY_USER)), digest)).isEqualTo(BYTES);
      assertThat(proxy.heads().get(0))
          .startsWith("GET http://registry.invalid:")
          .contains("Proxy-Authorization: Basic cHJveHk6aHVudGVyMg==");
      assertThat(bench.cost.requests()).isEqualTo(1);
    }
  }

  @Test
  void tlsUpstreamIsTunnelled(@TempDir Path folder) throws Exception {
    FakeCertificate certificate = FakeCertificate.create(folder, "own", "ip:127.0.0.1");
    try (Bench bench = new Bench(FakeRegistry.startTls(certificate.server()))) {
      Digest digest = bench.registry.putBlob(BYTES);
      HttpRegistry upstream =
          bench.upstream(
              o ->
                  o.wire(
                      w ->
                          w.withTls(TlsTest.trusting(certificate))
                              .withProxy(settings(PROXY_USER))));

      assertThat(bench.fetch(upstream, digest)).isEqualTo(BYTES);
      assertThat(proxy.heads()).hasSize(1);
      assertThat(proxy.heads().get(0))
          .startsWith("CONNECT 127.0.0.1:")
          .contains("Proxy-Authorization: Basic ");
      assertThat(bench.registry.requests().get(0).headers())
          .doesNotContainKey("proxy-authorization");
    }
  }

  @Test
  void exceptionIsReachedDirectly() throws Exception {
    try (Bench bench = new Bench()) {
      Digest digest = bench.registry.putBlob(BYTES);
      HttpRegistry upstream =
          bench.upstream(o -> o.wire(w -> w.withProxy(settings(null, "127.0.0.1"))));

      assertThat(bench.fetch(upstream, digest)).isEqualTo(BYTES);
      assertThat(proxy.heads()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {403, 404, 407, 429, 502, 204})
  void refusedTunnelIsNoAnswerOfTheUpstream(int status) {
    proxy.refuse(status);
    try (Bench bench = new Bench()) {
      for (PasswordAuthentication user : new PasswordAuthentication[] {null, PROXY_USER}) {
        HttpRegistry upstream =
            bench.upstream(
                o ->
                    RegistryOptions.of(URI.create("https://registry.invalid"))
                        .wire(w -> w.withTimeouts(o.wire().timeouts()).withProxy(settings(user))));

        assertFails(Failure.UNREACHABLE, () -> upstream.connect(bench.cost))
            .hasMessageNotContaining("hunter2");
      }
    }
  }

  @Test
  void proxyThatWantsAPasswordIsUnreachable() {
    proxy.refuse(407);
    try (Bench bench = new Bench()) {
      Digest digest = bench.registry.putBlob(BYTES);

      assertFails(Failure.UNREACHABLE, () -> bench.fetch(named(bench, settings(null)), digest))
          .hasMessageContaining("407");
    }
  }
}
