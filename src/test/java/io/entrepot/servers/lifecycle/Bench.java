package io.entrepot.servers.lifecycle;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.fixture.FakeRegistry;
import io.entrepot.oci.Digest;
import io.entrepot.servers.lifecycle.WarServer.Deployed;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/** An upstream, a server, and a client that keeps its connections as registry clients do. */
final class Bench implements AutoCloseable {
  static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";

  final FakeRegistry upstream = FakeRegistry.start();
  final WarServer server;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(10))
          .build();
  private final Path folder;
  private final Random random = new Random(7);

  public Bench(Path folder, WarServer server) {
    this.folder = folder;
    this.server = server;
  }

  /**
   * The exploded WAR that Maven makes before it packs it. Unpacking the WAR each time would take
   * long.
   */
  static Path war() {
    return Path.of(System.getProperty("it.war").replaceFirst("\\.war$", ""));
  }

  /** Deploys on {@code localhost}, in front of the upstream. */
  Deployed deploy(String... settings) throws Exception {
    return deploy("localhost", upstream, settings);
  }

  /**
   * Deploys with a folder for each host.
   *
   * @param settings keys and texts in turn
   */
  Deployed deploy(String host, FakeRegistry upstream, String... settings) throws Exception {
    Map<String, String> all = new HashMap<>();
    all.put("proxy.remoteurl", upstream.uri().toString());
    all.put("storage.filesystem.rootdirectory", folder.resolve("storage-" + host).toString());
    all.put("storage.reserve", "0");
    for (int i = 0; i < settings.length; i += 2) {
      all.put(settings[i], settings[i + 1]);
    }
    return server.deploy(host, all);
  }

  byte[] random(int size) {
    byte[] bytes = new byte[size];
    random.nextBytes(bytes);
    return bytes;
  }

  static String path(Digest blob) {
    return "/v2/team/app/blobs/" + blob;
  }

  Digest putManifest(String tag) {
    byte[] manifest =
        ("{\"schemaVersion\":2,\"mediaType\":\"" + MANIFEST + "\",\"layers\":[]}").getBytes(UTF_8);
    return upstream.putManifest("team/app", tag, MANIFEST, manifest);
  }

  HttpResponse<byte[]> get(Deployed deployed, String path) throws Exception {
    return client.send(request(deployed, path), BodyHandlers.ofByteArray());
  }

  /** Waits until a pulled blob is stored. */
  void awaitStored(Deployed deployed, Digest blob) {
    await()
        .untilAsserted(
            () ->
                assertThat(get(deployed, path(blob)).headers().firstValue("Cache-Status"))
                    .hasValue("entrepot; hit; detail=hit"));
  }

  CompletableFuture<HttpResponse<byte[]>> getLater(Deployed deployed, String path) {
    return client.sendAsync(request(deployed, path), BodyHandlers.ofByteArray());
  }

  private static HttpRequest request(Deployed deployed, String path) {
    return HttpRequest.newBuilder(URI.create(deployed.uri() + path))
        .timeout(Duration.ofSeconds(60))
        .build();
  }

  @Override
  public void close() throws Exception {
    try (upstream;
        server) {}
  }
}
