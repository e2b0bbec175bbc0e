package io.entrepot.upstream.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.fixture.FakeCertificate;
import io.entrepot.upstream.Origin;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.protocol.HttpCoreContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Who sees the client certificate, and who may show any certificate, by scheme, host and port
 * (S23). The socket always leads to the same server. Only the place that it stands for differs.
 */
@Timeout(60)
class TlsContextTest {
  private static final Origin REALM = new Origin("https", "auth.example", 8443);

  private static FakeCertificate server;
  private static FakeCertificate client;

  @BeforeAll
  static void certify(@TempDir Path folder) throws Exception {
    String names = "dns:registry.example,dns:auth.example,dns:other.example,ip:::1";
    server = FakeCertificate.create(folder, "server", names);
    client = FakeCertificate.create(folder, "client", "dns:cache.example");
  }

  private static TlsSocketStrategy tls(String upstream, boolean trusted, boolean unverified) {
    return TlsContext.of(
        WireOptions.of(URI.create(upstream))
            .withTls(
                new UpstreamTls(
                    trusted ? List.of(server.certificate()) : List.of(),
                    new ClientCertificate(List.of(client.certificate()), client.key()),
                    unverified)),
        Set.of(REALM));
  }

  /** Shakes hands as if the server were at this place, and tells whether it has seen our name. */
  private static boolean seen(TlsSocketStrategy tls, String host, int port) throws Exception {
    try (SSLServerSocket listening =
        (SSLServerSocket)
            server.serverTrusting(client).getServerSocketFactory().createServerSocket(0)) {
      listening.setWantClientAuth(true);
      FutureTask<Boolean> known = new FutureTask<>(() -> knows(listening));
      Thread serving = new Thread(known, "server");
      serving.start();
      InetAddress here = InetAddress.getLoopbackAddress();
      try (Socket plain = new Socket(here, listening.getLocalPort());
          SSLSocket ours = tls.upgrade(plain, host, port, null, HttpCoreContext.create())) {
        assertThat(ours.getInputStream().read()).isEqualTo('!');
      }
      return known.get(10, TimeUnit.SECONDS);
    }
  }

  private static boolean knows(SSLServerSocket listening) throws IOException {
    try (SSLSocket theirs = (SSLSocket) listening.accept()) {
      theirs.startHandshake();
      boolean known = isKnown(theirs.getSession());
      theirs.getOutputStream().write('!');
      return known;
    }
  }

  private static boolean isKnown(SSLSession session) {
    try {
      return session.getPeerCertificates().length > 0;
    } catch (SSLPeerUnverifiedException e) {
      return false;
    }
  }

  @ParameterizedTest
  @CsvSource({
    "https://registry.example, registry.example, 443",
    "https://registry.example, registry.example, -1",
    "https://registry.example:443, REGISTRY.example, 443",
    "https://registry.example:5000, registry.example, 5000",
    "https://registry.example, auth.example, 8443",
    "https://[::1]:5000, ::1, 5000"
  })
  void upstreamAndTrustedRealmsSeeTheClientCertificate(String upstream, String host, int port)
      throws Exception {
    assertThat(seen(tls(upstream, true, false), host, port)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "https://registry.example, registry.example, 8443",
    "https://registry.example:8443, registry.example, 443",
    "https://registry.example:8443, registry.example, -1",
    "https://registry.example, auth.example, 443",
    "https://registry.example, auth.example, -1",
    "https://registry.example, other.example, 443",
    "http://registry.example:5000, registry.example, 5000"
  })
  void noOtherPlaceSeesIt(String upstream, String host, int port) throws Exception {
    assertThat(seen(tls(upstream, true, false), host, port)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "https://any.example:5000, any.example, 5000",
    "https://any.example, any.example, -1",
    "https://[::1]:5000, ::1, 5000"
  })
  void unverifiedUpstreamMayShowAnyCertificate(String upstream, String host, int port)
      throws Exception {
    assertThat(seen(tls(upstream, false, true), host, port)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "https://registry.example, registry.example, 8443",
    "https://registry.example:5000, registry.example, -1",
    "https://registry.example, auth.example, 8443",
    "http://registry.example:5000, registry.example, 5000"
  })
  void everyOtherPlaceMustShowATrustedOne(String upstream, String host, int port) {
    assertThatThrownBy(() -> seen(tls(upstream, false, true), host, port))
        .isInstanceOf(SSLException.class);
  }
}
