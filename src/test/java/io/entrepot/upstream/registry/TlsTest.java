package io.entrepot.upstream.registry;

import static io.entrepot.upstream.registry.Bench.assertFails;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.fixture.FakeCertificate;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Digest;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.wire.ClientCertificate;
import io.entrepot.upstream.wire.Timeouts;
import io.entrepot.upstream.wire.UpstreamTls;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
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
  private static FakeCertificate client;

  @BeforeAll
  static void certify(@TempDir Path folder) throws Exception {
    own = FakeCertificate.create(folder, "own", "ip:127.0.0.1");
    foreign = FakeCertificate.create(folder, "foreign", "dns:registry.example.com");
    client = FakeCertificate.create(folder, "client", "dns:cache.example.com");
  }

  static UpstreamTls trusting(FakeCertificate authority) {
    return new UpstreamTls(List.of(authority.certificate()), null, false);
  }

  private static HttpRegistry trusting(Bench bench, FakeCertificate certificate) {
    return bench.upstream(o -> o.wire(w -> w.withTls(trusting(certificate))));
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
      HttpRegistry upstream =
          bench.upstream(
              o -> RegistryOptions.of(https).wire(w -> w.withTimeouts(o.wire().timeouts())));

      assertFails(Failure.UNREACHABLE, () -> bench.fetch(upstream, digest));
      // The random bytes of a TLS hello may hold a line end. Then they look like a request.
      assertThat(bench.registry.requests()).noneMatch(request -> request.path().contains("/v2/"));
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
      HttpRegistry upstream =
          bench.upstream(o -> RegistryOptions.of(https).wire(w -> w.withTimeouts(hasty)));

      assertFails(Failure.TIMEOUT, () -> upstream.connect(bench.cost));
    }
  }

  private static HttpRegistry knownTo(Bench bench, FakeCertificate... authorities) {
    ClientCertificate known = new ClientCertificate(List.of(client.certificate()), client.key());
    List<X509Certificate> trusted =
        Arrays.stream(authorities).map(FakeCertificate::certificate).toList();
    return bench.upstream(o -> o.wire(w -> w.withTls(new UpstreamTls(trusted, known, false))));
  }

  private static HttpRegistry unverified(Bench bench) {
    return bench.upstream(o -> o.wire(w -> w.withTls(new UpstreamTls(List.of(), null, true))));
  }

  @Test
  void clientCertificateIsShownToTheUpstream() throws Exception {
    try (Bench bench =
        new Bench(FakeRegistry.startTlsForKnownClients(own.serverTrusting(client)))) {
      Digest digest = bench.registry.putBlob(BYTES);

      assertThat(bench.fetch(knownTo(bench, own), digest)).isEqualTo(BYTES);
      assertFails(Failure.UNREACHABLE, () -> bench.fetch(trusting(bench, own), digest));
    }
  }

  @Test
  void clientCertificateIsNotShownToWhereARedirectLeads(@TempDir Path folder) throws Exception {
    FakeCertificate elsewhere = FakeCertificate.create(folder, "elsewhere", "dns:localhost");
    try (Bench bench = new Bench(FakeRegistry.startTls(own.server()));
        FakeRegistry asking =
            FakeRegistry.startTlsForKnownClients(elsewhere.serverTrusting(client))) {
      Digest digest = bench.registry.putBlob(BYTES);
      asking.putBlob(BYTES);
      bench.registry.inject(
          Recorded.blob(digest),
          Fault.redirect("https://localhost:" + asking.uri().getPort() + "/v2/a/blobs/" + digest));

      assertFails(Failure.UNREACHABLE, () -> bench.fetch(knownTo(bench, own, elsewhere), digest));
      assertThat(asking.requests()).isEmpty();
    }
  }

  /** Another service of the same host is not the upstream. */
  @Test
  void clientCertificateIsNotShownToAnotherPortOfTheUpstreamsHost() throws Exception {
    try (Bench bench = new Bench(FakeRegistry.startTls(own.server()));
        FakeRegistry asking = FakeRegistry.startTlsForKnownClients(own.serverTrusting(client))) {
      Digest digest = bench.registry.putBlob(BYTES);
      asking.putBlob(BYTES);
      bench.registry.inject(
          Recorded.blob(digest), Fault.redirect(asking.uri() + "/v2/a/blobs/" + digest));

      assertFails(Failure.UNREACHABLE, () -> bench.fetch(knownTo(bench, own), digest));
      assertThat(asking.requests()).isEmpty();
    }
  }

  @Test
  void anyCertificateDoesWhereNobodyVerifies() throws Exception {
    try (Bench bench = new Bench(FakeRegistry.startTls(foreign.server()))) {
      Digest digest = bench.registry.putBlob(BYTES);

      assertThat(bench.fetch(unverified(bench), digest)).isEqualTo(BYTES);
    }
  }

  @Test
  void unverifiedIsTheUpstreamOnlyAndNotWhereItRedirects() {
    try (Bench bench = new Bench(FakeRegistry.startTls(own.server()));
        FakeRegistry elsewhere = FakeRegistry.startTls(foreign.server())) {
      Digest digest = bench.registry.putBlob(BYTES);
      elsewhere.putBlob(BYTES);
      bench.registry.inject(
          Recorded.blob(digest),
          Fault.redirect(
              "https://localhost:" + elsewhere.uri().getPort() + "/v2/a/blobs/" + digest));

      assertFails(Failure.UNREACHABLE, () -> bench.fetch(unverified(bench), digest))
          .hasMessageContaining("no trusted TLS connection");
      assertThat(elsewhere.requests()).isEmpty();
    }
  }

  @Test
  void unverifiedIsNotAnotherPortOfTheUpstreamsHost() {
    try (Bench bench = new Bench(FakeRegistry.startTls(own.server()));
        FakeRegistry elsewhere = FakeRegistry.startTls(foreign.server())) {
      Digest digest = bench.registry.putBlob(BYTES);
      elsewhere.putBlob(BYTES);
      bench.registry.inject(
          Recorded.blob(digest), Fault.redirect(elsewhere.uri() + "/v2/a/blobs/" + digest));

      assertFails(Failure.UNREACHABLE, () -> bench.fetch(unverified(bench), digest))
          .hasMessageContaining("no trusted TLS connection");
      assertThat(elsewhere.requests()).isEmpty();
    }
  }

  @Test
  void unverifiedIsNotInPlain() {
    try (Bench bench = new Bench()) {
      Digest digest = bench.registry.putBlob(BYTES);
      URI https = URI.create("https://127.0.0.1:" + bench.registry.uri().getPort());
      HttpRegistry upstream =
          bench.upstream(
              o ->
                  RegistryOptions.of(https)
                      .wire(
                          w ->
                              w.withTimeouts(o.wire().timeouts())
                                  .withTls(new UpstreamTls(List.of(), null, true))));

      assertFails(Failure.UNREACHABLE, () -> bench.fetch(upstream, digest));
      assertThat(bench.registry.requests()).isEmpty();
    }
  }
}
