package io.entrepot.servers.lifecycle;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.fixture.FakeCertificate;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.oci.Digest;
import io.entrepot.servers.lifecycle.WarServer.Deployed;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The TLS settings of upstreams, from JNDI to the handshake: which certificates are trusted, and
 * which client certificate is sent. There are two upstreams, each with its own authority; one of
 * them requires a client certificate.
 */
@Timeout(120)
class UpstreamTlsIT {
  private static FakeCertificate first;
  private static FakeCertificate second;
  private static FakeCertificate cache;

  @TempDir Path folder;
  private Bench bench;
  private FakeRegistry plain;
  private FakeRegistry asking;
  private byte[] bytes;

  @BeforeAll
  static void certify(@TempDir Path folder) throws Exception {
    first = FakeCertificate.create(folder, "first", "ip:127.0.0.1");
    second = FakeCertificate.create(folder, "second", "ip:127.0.0.1");
    cache = FakeCertificate.create(folder, "cache", "dns:cache.example.com");
  }

  @BeforeEach
  void start() throws Exception {
    bench = new Bench(folder, new TomcatServer(folder, Bench.war()));
    plain = FakeRegistry.startTls(first.server());
    asking = FakeRegistry.startTlsForKnownClients(second.serverTrusting(cache));
    bytes = bench.random(100_000);
  }

  @AfterEach
  void stop() throws Exception {
    plain.close();
    asking.close();
    bench.close();
  }

  /**
   * Deploys with the default upstream, and with {@code lab}, which requires a client certificate
   * and has its own settings.
   */
  private Deployed deploy(String... settings) throws Exception {
    String[] both = new String[settings.length + 4];
    both[0] = "upstreams.names";
    both[1] = "lab";
    both[2] = "upstreams.lab.url";
    both[3] = asking.uri().toString();
    System.arraycopy(settings, 0, both, 4, settings.length);
    return bench.deploy("localhost", plain, both);
  }

  private HttpResponse<byte[]> pull(Deployed deployed, String prefix, FakeRegistry upstream)
      throws Exception {
    Digest blob = upstream.putBlob("team/app", bytes);
    return bench.get(deployed, "/v2/" + prefix + "team/app/blobs/" + blob);
  }

  @Test
  void eachUpstreamHasItsOwnAuthorityAndClientCertificate() throws Exception {
    Deployed deployed =
        deploy(
            "proxy.tls.ca", first.pem().toString(),
            "upstreams.lab.tls.ca", second.pem().toString(),
            "upstreams.lab.tls.certificate", cache.pem().toString(),
            "upstreams.lab.tls.key", cache.keyPem().toString());

    assertThat(pull(deployed, "", plain).body()).isEqualTo(bytes);
    assertThat(pull(deployed, "lab/", asking).body()).isEqualTo(bytes);
  }

  /** Authority and certificate of the default upstream are not used for another upstream. */
  @Test
  void nothingOfItIsInherited() throws Exception {
    Deployed deployed =
        deploy(
            "proxy.tls.ca", first.pem().toString(),
            "proxy.tls.certificate", cache.pem().toString(),
            "proxy.tls.key", cache.keyPem().toString(),
            "upstreams.lab.tls.ca", second.pem().toString());

    assertThat(pull(deployed, "", plain).body()).isEqualTo(bytes);
    assertThat(pull(deployed, "lab/", asking).statusCode()).isEqualTo(502);
    assertThat(asking.requests()).isEmpty();
  }

  @Test
  void unverifiedUpstreamIsNotAsked() throws Exception {
    Deployed deployed = deploy();

    HttpResponse<byte[]> answer = pull(deployed, "", plain);

    assertThat(answer.statusCode()).isEqualTo(502);
    assertThat(answer.body()).asString(UTF_8).contains("UNAVAILABLE");
    // Clients are not told how the upstream is reached; whoever operates this cache is.
    assertThat(bench.get(deployed, "/api/health").body())
        .asString(UTF_8)
        .contains("no trusted TLS connection");
    assertThat(plain.requests()).isEmpty();
  }

  @Test
  void insecureTakesAnyCertificate() throws Exception {
    Deployed deployed = deploy("proxy.insecure", "true");

    assertThat(pull(deployed, "", plain).body()).isEqualTo(bytes);
  }

  @Test
  void plainHttpToAnotherMachineHasToBeStated() throws Exception {
    assertThatThrownBy(() -> deploy("proxy.remoteurl", "http://registry.example.com"))
        .hasMessage(
            "proxy.remoteurl: JNDI java:comp/env/entrepot/proxy/remoteurl is"
                + " \"http://registry.example.com\"; expected http or https URL of a registry"
                + " (plain http only to this machine, unless proxy.insecure allows it)");

    Deployed stated =
        deploy("proxy.remoteurl", "http://registry.example.com", "proxy.insecure", "true");
    assertThat(bench.get(stated, "/v2/").statusCode()).isEqualTo(200);
  }
}
