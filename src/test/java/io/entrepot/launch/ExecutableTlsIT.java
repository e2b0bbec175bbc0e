package io.entrepot.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.entrepot.fixture.FakeCertificate;
import io.entrepot.fixture.TlsOffer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** TLS by {@code java -jar}: certificates that change, suites, HTTP/2. */
@Timeout(120)
class ExecutableTlsIT extends ExecutableFixture {
  @Test
  void speaksTlsAndHttp2AndTakesANewCertificateWhenItsFilesChange() throws Exception {
    FakeCertificate first = FakeCertificate.create(folder, "first", "ip:127.0.0.1");
    FakeCertificate next = FakeCertificate.create(folder, "next", "ip:127.0.0.1");
    Path certificate = Files.copy(first.pem(), folder.resolve("certificate.pem"));
    Path key = Files.copy(first.keyPem(), folder.resolve("key.pem"));
    try (LaunchedProcess launched =
        launch(
            "1s",
            "--tls-cert",
            certificate.toString(),
            "--tls-key",
            key.toString(),
            "--set",
            "http.hsts=30d")) {
      URI version = URI.create("https://127.0.0.1:" + launched.port() + "/v2/");
      assertThat(launched.out()).contains(" serves " + version);
      HttpResponse<String> answer = get(version, first);
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
      TlsOffer.assertStrongSuitesOnly(first.server(), "127.0.0.1", launched.port());
      assertThat(answer.headers().allValues("Strict-Transport-Security"))
          .containsExactly("max-age=2592000");
      HttpResponse<String> refused = get(URI.create(version + "a%00b"), first);
      assertThat(refused.statusCode()).as("by Tomcat itself").isEqualTo(400);
      assertThat(refused.headers().allValues("Strict-Transport-Security"))
          .containsExactly("max-age=2592000");

      Files.copy(next.pem(), certificate, StandardCopyOption.REPLACE_EXISTING);
      await().until(() -> launched.err().contains("the key does not belong to the certificate"));
      assertThat(get(version, first).statusCode()).as("with one of two replaced").isEqualTo(200);
      Files.copy(next.keyPem(), key, StandardCopyOption.REPLACE_EXISTING);
      await().until(() -> launched.err().contains("has changed; new connections use it"));
      assertThat(get(version, next).statusCode()).isEqualTo(200);
      assertThatThrownBy(() -> get(version, first)).isInstanceOf(SSLException.class);

      Files.delete(certificate);
      await().until(() -> launched.err().split("the old certificate stays", -1).length == 3);
      assertThat(get(version, next).statusCode()).as("without a file").isEqualTo(200);
    }
  }

  @Test
  void keyOfAnotherCertificateStopsTheStart() throws Exception {
    FakeCertificate own = FakeCertificate.create(folder, "own", "ip:127.0.0.1");
    FakeCertificate other = FakeCertificate.create(folder, "other", "ip:127.0.0.1");
    try (LaunchedProcess launched =
        launch("1s", "--tls-cert", own.pem().toString(), "--tls-key", other.keyPem().toString())) {
      assertThat(launched.exitCode()).isEqualTo(1);
      assertThat(launched.err())
          .startsWith("--tls-key ")
          .contains("it is not the key of the first certificate in --tls-cert");
    }
  }

  private static HttpClient client(FakeCertificate server) {
    return HttpClient.newBuilder()
        .sslContext(server.server())
        .connectTimeout(Duration.ofSeconds(20))
        .build();
  }

  private static HttpResponse<String> get(URI uri, FakeCertificate server) throws Exception {
    return client(server)
        .send(
            HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(20)).build(),
            HttpResponse.BodyHandlers.ofString());
  }
}
