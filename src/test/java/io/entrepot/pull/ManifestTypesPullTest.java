package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.boot.TestServer;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Digest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which bytes are a manifest, and of which type, as clients see it (S7, S33). */
class ManifestTypesPullTest {
  private static final String IMAGE = "application/vnd.oci.image.manifest.v1+json";

  @TempDir static Path folder;
  private static FakeRegistry upstream;
  private static TestServer server;
  private static int images;

  /** Each test has an image of its own, so that all can share a cache. */
  private final String name = "image-" + images++;

  private final String byTag = "/v2/team/app/manifests/" + name;
  private final Digest digest = upstream.putManifest("team/app", name, IMAGE, manifest(name));

  @BeforeAll
  static void start() {
    upstream = FakeRegistry.start();
    server = new TestServer.Builder(folder, upstream.uri()).start();
  }

  @AfterAll
  static void stop() {
    server.close();
    upstream.close();
  }

  @Test
  void manifestThatIsNotWhatItClaimsIsRefusedAndNotKept() {
    upstream.inject(sent(), Fault.corrupt(3), 2);
    HttpResponse<byte[]> wrong = server.get(byTag);
    assertThat(wrong.statusCode()).isEqualTo(502);
    assertManifest(server.get(byTag));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json; charset=utf-8",
        "application/vnd.example+json",
        "image/png"
      })
  void typeThatContradictsTheBodyIsRefused(String type) {
    upstream.inject(sent(), Fault.contentType(type));
    assertThat(server.get(byTag).statusCode()).isEqualTo(502);
  }

  /** Any GET of the manifest: by its digest, and by its tag, which decides where that fails. */
  private Predicate<Recorded> sent() {
    return Recorded.manifestGet(digest).or(Recorded.manifestGet(name));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "Application/JSON; charset=utf-8", "text/plain", "text/html", "a/b/c"})
  void typeThatSaysNothingIsReadFromTheBody(String type) {
    upstream.inject(Recorded.manifest(digest), Fault.contentType(type));
    assertManifest(server.get(byTag));
    assertManifest(server.get("/v2/team/app/manifests/" + digest));
  }

  /** S33: the upstream decides neither the type nor what a browser makes of the bytes. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/html",
        "TEXT/HTML; charset=utf-8",
        "text/xml",
        "image/svg+xml",
        "application/xhtml+xml; charset=utf-8",
        "application/javascript",
        "multipart/form-data; boundary=x",
        "text/html+json"
      })
  void typeThatABrowserWouldShowIsReadFromTheFields(String type) {
    byte[] untyped =
        new String(manifest(name), UTF_8)
            .replace("\"mediaType\":\"" + IMAGE + "\",", "")
            .replace(
                "\"layers\"",
                "\"config\":{\"mediaType\":\"x\",\"size\":2,\"digest\":\""
                    + digest
                    + "\"},\"layers\"")
            .getBytes(UTF_8);
    Digest other = upstream.putManifest("team/app", "untyped-" + name, IMAGE, untyped);
    upstream.inject(Recorded.manifest(other), Fault.contentType(type));

    for (String reference : List.of("untyped-" + name, other.toString())) {
      HttpResponse<byte[]> answer = server.get("/v2/team/app/manifests/" + reference);
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().firstValue("Content-Type")).hasValue(IMAGE);
      assertThat(answer.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
      assertThat(answer.body()).isEqualTo(untyped);
    }
  }

  @Test
  void manifestWithALayerThatCannotBeVerifiedIsServed() {
    for (String other : List.of("blake3:" + "ab".repeat(32), "sha384:" + "ab".repeat(48))) {
      byte[] bytes =
          new String(manifest(name), UTF_8)
              .replace("[]", "[{\"mediaType\":\"x\",\"size\":1,\"digest\":\"" + other + "\"}]")
              .getBytes(UTF_8);
      upstream.putManifest("team/app", name, IMAGE, bytes);
      assertThat(server.get(byTag).body()).isEqualTo(bytes);
      assertThat(server.get(byTag).body()).isEqualTo(bytes);
      assertThat(server.get("/v2/team/app/blobs/" + other).statusCode()).isEqualTo(400);
    }
  }

  private void assertManifest(HttpResponse<byte[]> response) {
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEqualTo(manifest(name));
    assertThat(response.headers().firstValue("Content-Type")).hasValue(IMAGE);
    String expected = Digest.ofBytes(Digest.Algorithm.SHA256, manifest(name)).toString();
    assertThat(response.headers().firstValue("Docker-Content-Digest")).hasValue(expected);
    assertThat(response.headers().firstValue("ETag")).hasValue('"' + expected + '"');
  }

  private static byte[] manifest(String name) {
    return ("{\"schemaVersion\":2,\"mediaType\":\""
            + IMAGE
            + "\",\"annotations\":{\"n\":\""
            + name
            + "\"},\"layers\":[]}")
        .getBytes(UTF_8);
  }
}
