package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.boot.TestServer;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.oci.Digest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Layers with URLs of other servers (S3). */
class ForeignLayerTest {
  private static final String TYPE = "application/vnd.oci.image.manifest.v1+json";

  @TempDir Path folder;

  @Test
  void urlsOfALayerAreNeverFollowed() {
    try (FakeRegistry upstream = FakeRegistry.start();
        FakeRegistry elsewhere = FakeRegistry.start();
        TestServer server = new TestServer.Builder(folder, upstream.uri()).start()) {
      byte[] layer = BlobBench.random(1000);
      Digest digest = elsewhere.putBlob(layer);
      String url = elsewhere.uri() + "/v2/team/app/blobs/" + digest;
      byte[] manifest =
          """
          {"schemaVersion":2,"mediaType":"%s","config":{"digest":"%s","size":1000},
           "layers":[{"digest":"%s","size":1000,"urls":["%s"]}]}"""
              .formatted(TYPE, digest, digest, url)
              .getBytes(UTF_8);
      upstream.putManifest("team/app", "v1", TYPE, manifest);
      HttpResponse<byte[]> served = server.get("/v2/team/app/manifests/v1");
      assertThat(served.body()).isEqualTo(manifest);
      assertThat(server.get("/v2/team/app/blobs/" + digest).statusCode()).isEqualTo(404);
      assertThat(elsewhere.requests()).isEmpty();
    }
  }
}
