package io.entrepot.servers;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** A client of the server under test that waits for whole answers. */
final class ServerClient {
  /**
   * A connection for each response: in HTTP/2 those that are not read yet would hold up the rest.
   */
  private static final HttpClient HTTP =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(10))
          .build();

  private final URI server;

  ServerClient(URI server) {
    this.server = server;
  }

  HttpClient http() {
    return HTTP;
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(server.resolve(path)).timeout(Duration.ofSeconds(60));
  }

  HttpResponse<byte[]> get(String path, String... headers)
      throws IOException, InterruptedException {
    var request = request(path);
    return send(headers.length == 0 ? request : request.headers(headers));
  }

  HttpResponse<byte[]> send(String method, String path) throws IOException, InterruptedException {
    return send(request(path).method(method, BodyPublishers.noBody()));
  }

  private static HttpResponse<byte[]> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return HTTP.send(request.build(), BodyHandlers.ofByteArray());
  }
}
