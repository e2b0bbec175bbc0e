package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.boot.TestServer;
import io.entrepot.fixture.Content;
import io.entrepot.fixture.Recorded;
import io.entrepot.fixture.Reply;
import io.entrepot.fixture.ScriptedServer;
import io.entrepot.oci.Digest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A whole cache whose upstream is hidden by a login portal, a firewall or a proxy. What those say
 * is no word of the registry: what is held is served stale, and nothing is forgotten or believed.
 */
@Timeout(60)
class PortalTest {
  private static final byte[] IMAGE = TagBench.manifest("one");
  private static final Digest DIGEST = Digest.ofBytes(Digest.Algorithm.SHA256, IMAGE);
  private static final String HELD = "/v2/acme/app/manifests/v1";

  @TempDir Path folder;
  private volatile @Nullable Reply portal;
  private final ScriptedServer upstream = ScriptedServer.start(this::answer);
  private TestServer server;

  private Reply answer(Recorded request) {
    Reply instead = portal;
    if (instead != null) {
      return instead;
    }
    return request.path().equals("/v2/")
        ? Reply.json(200, "{}")
        : Reply.of(200, Content.of(IMAGE))
            .header("Content-Type", TagBench.IMAGE)
            .header("Docker-Content-Digest", DIGEST.toString());
  }

  @BeforeEach
  void start() {
    server =
        new TestServer.Builder(folder, upstream.uri())
            .set("proxy.revalidate", "0s")
            .set("proxy.negative", "0s")
            .set("proxy.breaker.failures", "1000")
            .start();
    assertThat(server.get(HELD).statusCode()).isEqualTo(200);
  }

  @AfterEach
  void stop() {
    server.close();
    upstream.close();
  }

  private static Reply reply(int status, String type, String body) {
    Reply reply = Reply.of(status, Content.of(body.getBytes(UTF_8)));
    return type.isEmpty() ? reply : reply.header("Content-Type", type);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "200 | text/html                | <html>log in</html>",
        "200 | application/json         | {\"error\":\"login_required\"}",
        "200 | application/json         | {}",
        "401 | text/html                | <!DOCTYPE html><html>log in</html>",
        "403 | text/html; charset=UTF-8 | <!DOCTYPE html><html>Attention Required!</html>",
        "403 | application/json         | {\"error\":\"blocked by policy\"}",
        "403 | text/plain               | RBAC: access denied",
        "404 | text/html                | <html><h1>404 Not Found</h1></html>",
        "404 |                          | <html><h1>404 Not Found</h1></html>",
        "404 | text/plain               | 404 page not found",
        "404 | application/json         | {\"message\":\"no Route matched with those values\"}",
        "511 | text/html                | <html>log in</html>"
      })
  void whatNoRegistrySaysIsNotBelieved(int status, @Nullable String type, String body) {
    portal = reply(status, type == null ? "" : type, body);

    for (int i = 0; i < 2; i++) {
      HttpResponse<byte[]> stale = server.get(HELD);
      assertThat(stale.statusCode()).isEqualTo(200);
      assertThat(stale.body()).isEqualTo(IMAGE);
      assertThat(stale.headers().firstValue("Cache-Status").orElse("")).contains("fwd=stale");
    }
    assertThat(server.get("/v2/acme/other/manifests/v1").statusCode()).isEqualTo(502);
    assertThat(server.get("/v2/acme/other/manifests/" + DIGEST).statusCode()).isEqualTo(502);
    Digest blob = Digest.ofBytes(Digest.Algorithm.SHA256, new byte[3]);
    assertThat(server.head("/v2/acme/app/blobs/" + blob).statusCode()).isEqualTo(502);
    assertThat(server.get("/v2/acme/app/blobs/" + blob).statusCode()).isEqualTo(502);

    portal = null;
    assertThat(server.get("/v2/acme/other/manifests/v1").body()).isEqualTo(IMAGE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "404 | application/json | {\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\"}]}           | 404",
        "404 | text/plain       | {\"errors\":[{\"status\":404,\"message\":\"not found\"}]} | 404",
        "404 |                  | ''                                                       | 404",
        "404 | application/json | {}                                                       | 404",
        "404 | application/xml  | <?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code></Error> | 404",
        "403 | application/json | {\"errors\":[{\"code\":\"DENIED\"}]}                     | 403",
        "403 |                  | ''                                                       | 403",
        "401 | application/json | {\"errors\":[{\"code\":\"UNAUTHORIZED\"}]}               | 403"
      })
  void whatARegistrySaysIsBelieved(int status, @Nullable String type, String body, int told) {
    portal = reply(status, type == null ? "" : type, body);
    assertThat(server.get(HELD).statusCode()).isEqualTo(told);
    portal = Reply.error(503, "DOWN", "down");
    assertThat(server.get(HELD).statusCode()).isEqualTo(502);
  }
}
