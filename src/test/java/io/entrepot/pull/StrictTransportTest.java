package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.boot.TestServer;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.http.StrictTransport;
import io.entrepot.oci.Digest;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code http.hsts} adds to each answer by TLS. Tomcat takes this plain port for one. */
@Timeout(60)
class StrictTransportTest {
  private static final byte[] BYTES = "bytes".getBytes(UTF_8);

  private static FakeRegistry upstream;
  private static TestServer server;
  private static Digest blob;

  @BeforeAll
  static void start(@TempDir Path folder) {
    upstream = FakeRegistry.start();
    blob = upstream.putBlob(BYTES);
    server =
        new TestServer.Builder(folder, upstream.uri())
            .set("http.hsts", "365d")
            .connector("secure", "true")
            .start();
  }

  @AfterAll
  static void stop() {
    server.close();
    upstream.close();
  }

  private static void assertStrict(HttpResponse<byte[]> answer) {
    assertThat(answer.headers().allValues("Strict-Transport-Security"))
        .containsExactly("max-age=31536000");
    assertThat(answer.headers().allValues("X-Content-Type-Options")).containsExactly("nosniff");
  }

  @Test
  void bytesSayItWhetherFetchedOrStored() {
    for (int i = 0; i < 2; i++) {
      HttpResponse<byte[]> answer = server.get("/v2/library/alpine/blobs/" + blob);

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo(BYTES);
      assertStrict(answer);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /v2/, 200",
    "GET, /v2/library/alpine/manifests/none, 404",
    "GET, /v2/library/alpine/blobs/sha256:x, 400",
    "DELETE, /v2/library/alpine/manifests/latest, 405",
    "GET, /v2//x, 400",
    "GET, /metrics, 200",
    "GET, /metrics;x, 400",
    "GET, /api/stats, 200",
    "GET, /api/none, 404",
    "GET, /none, 404"
  })
  void everyOtherAnswerSaysItTooAndErrorsDo(String method, String path, int status) {
    HttpResponse<byte[]> answer = server.send(method, path);

    assertThat(answer.statusCode()).isEqualTo(status);
    assertStrict(answer);
  }

  /** Anybody on the way could have put it there, so browsers would not heed it. */
  @Test
  void answerInPlainDoesNotSayIt() throws Exception {
    List<String> called = new ArrayList<>();
    HttpServletRequest plain = fake(HttpServletRequest.class, called, false);
    HttpServletResponse response = fake(HttpServletResponse.class, called, "");

    new StrictTransport(Duration.ofDays(1))
        .doFilter(plain, response, (request, same) -> called.add("chain"));

    assertThat(called).containsExactly("isSecure", "chain");
  }

  private static <T> T fake(Class<T> type, List<String> called, Object result) {
    InvocationHandler handler =
        (self, method, arguments) -> {
          called.add(method.getName());
          return result;
        };
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }
}
