package io.entrepot.launch;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.database.EmbeddedDatabase;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.SampleImage;
import io.entrepot.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/**
 * The packaged WAR with an image in {@code team/app}, and a hundred thousand other repositories.
 */
record PagesCache(FakeRegistry upstream, LaunchedProcess process, String base)
    implements AutoCloseable {
  private static final int REPOSITORIES = 100_000;

  static PagesCache start(Path folder) throws Exception {
    FakeRegistry upstream = FakeRegistry.start();
    SampleImage image = SampleImage.in(upstream, "team/app");
    Digest shared = upstream.putBlob("team/app", new byte[1_000]);
    try (PagesCache first = launch(folder, upstream)) {
      first.get("/v2/team/app/blobs/" + shared).body().readAllBytes();
      first.process.terminate();
      assertThat(first.process.exitCode()).isNotNegative();
    }
    putIntoRepositories(folder, shared);
    PagesCache cache = launch(folder, upstream);
    cache.get("/v2/team/app/manifests/" + SampleImage.TAG);
    for (Digest manifest : image.manifests().keySet()) {
      cache.get("/v2/team/app/manifests/" + manifest);
    }
    return cache;
  }

  private static PagesCache launch(Path folder, FakeRegistry upstream) throws IOException {
    LaunchedProcess process =
        LaunchedProcess.jar(
            Path.of(System.getProperty("it.war")),
            folder,
            "--addr",
            "127.0.0.1:0",
            "--data",
            folder.resolve("data").toString(),
            "--set",
            "proxy.name=hub",
            "--set",
            "proxy.remoteurl=" + upstream.uri(),
            "--set",
            "storage.reserve=0");
    return new PagesCache(upstream, process, "http://127.0.0.1:" + process.port());
  }

  /** As if clients had pulled it from all of them. */
  private static void putIntoRepositories(Path folder, Digest shared) throws SQLException {
    EmbeddedDatabase database = EmbeddedDatabase.open(folder.resolve("data/index"));
    try (Connection connection = database.dataSource().getConnection();
        PreparedStatement links =
            connection.prepareStatement(
                """
                INSERT INTO link (repository, digest, kind, fetched_at, last_used)
                SELECT 'hub/unit-' || LPAD(CAST(x AS VARCHAR), 6, '0') || '/app',
                  digest, kind, fetched_at, last_used - x
                FROM link, SYSTEM_RANGE(1, ?)
                WHERE repository = 'hub/team/app' AND digest = ?
                """)) {
      links.setInt(1, REPOSITORIES);
      links.setString(2, shared.toString());
      assertThat(links.executeUpdate()).isEqualTo(REPOSITORIES);
      if (!connection.getAutoCommit()) {
        connection.commit();
      }
    } finally {
      database.close();
    }
  }

  HttpResponse<InputStream> get(String path) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(base + path)).build();
    HttpResponse<InputStream> response =
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofInputStream());
    assertThat(response.statusCode()).isEqualTo(200);
    return response;
  }

  @Override
  public void close() {
    process.close();
  }
}
