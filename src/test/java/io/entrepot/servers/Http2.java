package io.entrepot.servers;

import io.entrepot.fixture.FakeCertificate;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.nio.file.Path;
import java.time.Duration;

/** A client of the server under test in HTTP/2: over TLS where it has a certificate. */
final class Http2 {
  private final HttpClient client;
  private final URI server;

  /**
   * @param plain where the server serves in the clear
   */
  Http2(URI plain) throws Exception {
    var builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_2)
            .connectTimeout(Duration.ofSeconds(10));
    if (System.getProperty("it.tls.folder") == null) {
      server = plain;
      client = builder.build();
    } else {
      server = URI.create("https://127.0.0.1:" + Site.property("it.https.port"));
      client =
          builder
              .sslContext(
                  FakeCertificate.trustingInstalled(Path.of(Site.property("it.tls.folder"))))
              .build();
    }
  }

  <T> HttpResponse<T> get(String path, BodyHandler<T> body) throws Exception {
    var request = HttpRequest.newBuilder(server.resolve(path)).timeout(Duration.ofSeconds(60));
    return client.send(request.build(), body);
  }
}
