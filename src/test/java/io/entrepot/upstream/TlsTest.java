package io.entrepot.upstream;

import static io.entrepot.upstream.Bench.assertFails;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.fixture.FakeCertificate;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Digest;
import io.entrepot.upstream.UpstreamException.Failure;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whom https trusts, and that nothing leads back to http (S23, F14). */
@Timeout(60)
class TlsTest {
  private static final byte[] BYTES = "bytes".getBytes(UTF_8);

  private static FakeCertificate own;
  private static FakeCertificate foreign;

  @BeforeAll
  static void certify(@TempDir Path folder) throws Exception {
    own = FakeCertificate.create(folder, "own", "ip:127.0.0.1");
    foreign = FakeCertificate.create(folder, "foreign", "dns:registry.example.com");
  }

  private static HttpUpstream trusting(Bench bench, FakeCertificate certificate) {
    return bench.upstream(o -> o.withTls(certificate.trust()));
  }

  @Test
  void trustedCertificateOfThatHostIsEnough() throws Exception {
    try (Bench bench = new Bench(FakeRegistry.startTls(own.server()))) {
      Digest digest = bench.registry.putBlob(BYTES);

      assertThat(bench.fetch(trusting(bench, own), digest)).isEqualTo(BYTES);
    }
  }

  @Test
  void certificateThatNobodyTrustsIsUnreachable() {
    try (Bench bench = new Bench(FakeRegistry.startTls(own.server()))) {
      Digest digest = bench.registry.putBlob(BYTES);

      assertFails(Failure.UNREACHABLE, () -> bench.fetch(bench.upstream(), digest))
          .hasMessageContaining("no trusted TLS connection");
      assertThat(bench.registry.requests()).isEmpty();
    }
  }

  @Test
  void certificateOfAnotherHostIsUnreachable() {
    try (Bench bench = new Bench(FakeRegistry.startTls(foreign.server()))) {
      Digest digest = bench.registry.putBlob(BYTES);

      assertFails(Failure.UNREACHABLE, () -> bench.fetch(trusting(bench, foreign), digest))
          .hasMessageContaining("no trusted TLS connection");
      assertThat(bench.registry.requests()).isEmpty();
    }
  }

  @Test
  void redirectToHttpIsNotFollowed() {
    try (Bench bench = new Bench(FakeRegistry.startTls(own.server()));
        FakeRegistry plain = FakeRegistry.start()) {
      Digest digest = bench.registry.putBlob(BYTES);
      plain.putBlob(BYTES);
      bench.registry.inject(
          Recorded.blob(digest), Fault.redirect(plain.uri() + "/v2/a/blobs/" + digest));

      assertFails(Failure.INVALID, () -> bench.fetch(trusting(bench, own), digest))
          .hasMessageContaining("a redirect from https to http://");
      assertThat(plain.requests()).isEmpty();
    }
  }

  @Test
  void plainServerBehindHttpsIsNotSpokenToInPlain() {
    try (Bench bench = new Bench()) {
      Digest digest = bench.registry.putBlob(BYTES);
      URI https = URI.create("https://127.0.0.1:" + bench.registry.uri().getPort());
      HttpUpstream upstream =
          bench.upstream(o -> UpstreamOptions.of(https).withTimeouts(o.timeouts()));

      assertFails(Failure.UNREACHABLE, () -> bench.fetch(upstream, digest));
      assertThat(bench.registry.requests()).isEmpty();
    }
  }

  @Test
  void silentHandshakeIsATimeout() throws Exception {
    try (Bench bench = new Bench();
        ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Timeouts t = Bench.TIMEOUTS;
      Timeouts hasty =
          new Timeouts(Duration.ofMillis(300), t.response(), t.idle(), t.lease(), t.total());
      URI https = URI.create("https://127.0.0.1:" + silent.getLocalPort());
      HttpUpstream upstream = bench.upstream(o -> UpstreamOptions.of(https).withTimeouts(hasty));

      assertFails(Failure.TIMEOUT, () -> upstream.connect(bench.cost));
    }
  }
}
