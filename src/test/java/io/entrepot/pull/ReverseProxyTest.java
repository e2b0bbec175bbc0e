package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.boot.TestServer;
import io.entrepot.fixture.FakeRegistry;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cache behind a reverse proxy. The test takes the part of the proxy. */
class ReverseProxyTest {
  private static final String[] FORWARDED = {
    "X-Forwarded-For", "192.0.2.7",
    "X-Forwarded-Host", "hub.example:8443",
    "X-Forwarded-Proto", "https"
  };
  private static final Logger ACCESS = Logger.getLogger("io.entrepot.access");

  @TempDir Path folder;
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final Handler listener =
      new Handler() {
        @Override
        public void publish(LogRecord line) {
          lines.add(line.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };
  private FakeRegistry upstream;

  @BeforeEach
  void start() {
    upstream = FakeRegistry.start();
    for (int i = 0; i < 3; i++) {
      byte[] manifest = ("{\"schemaVersion\":2,\"n\":" + i + "}").getBytes(UTF_8);
      upstream.putManifest(
          "team/app", "v" + i, "application/vnd.oci.image.manifest.v1+json", manifest);
    }
    ACCESS.addHandler(listener);
  }

  @AfterEach
  void stop() {
    ACCESS.removeHandler(listener);
    ACCESS.setLevel(Level.WARNING);
    upstream.close();
  }

  private TestServer server(String... settings) {
    TestServer.Builder builder = new TestServer.Builder(folder, upstream.uri());
    for (int i = 0; i < settings.length; i += 2) {
      builder.set(settings[i], settings[i + 1]);
    }
    TestServer server = builder.start();
    ACCESS.setLevel(Level.INFO);
    return server;
  }

  private static Optional<String> link(TestServer server) {
    return server.get("/v2/team/app/tags/list?n=1", FORWARDED).headers().firstValue("Link");
  }

  @Test
  void trustedProxyTellsTheHostForLinksAndTheClientForTheLog() {
    try (TestServer server = server("http.trustedproxies", "10.0.0.0/8,127.0.0.0/8")) {
      assertThat(link(server))
          .hasValue("<https://hub.example:8443/v2/team/app/tags/list?last=v0&n=1>; rel=\"next\"");
    }
    assertThat(lines).singleElement().asString().contains(" client=192.0.2.7");
  }

  @Test
  void noProxyIsTrustedByDefault() {
    try (TestServer server = server()) {
      assertThat(link(server)).hasValue("</v2/team/app/tags/list?last=v0&n=1>; rel=\"next\"");
    }
    assertThat(lines).singleElement().asString().contains(" client=127.0.0.1");
  }

  @Test
  void hostOfTheTrustedProxyChoosesTheUpstream() {
    try (FakeRegistry lab = FakeRegistry.start();
        TestServer server =
            server(
                "http.trustedproxies", "127.0.0.1",
                "upstreams.names", "lab",
                "upstreams.lab.url", lab.uri().toString(),
                "upstreams.lab.hosts", "hub.example")) {
      String blob = "/v2/team/app/blobs/" + lab.putBlob("team/app", new byte[10]);

      assertThat(server.get(blob, FORWARDED).statusCode()).isEqualTo(200);
      assertThat(server.get(blob).statusCode()).isEqualTo(404);
    }
  }

  @Test
  void configuredHostIsUsedInsteadOfTheProxysHost() {
    try (TestServer server =
        server("http.trustedproxies", "127.0.0.1", "http.host", "https://own.example")) {
      assertThat(link(server))
          .hasValue("<https://own.example/v2/team/app/tags/list?last=v0&n=1>; rel=\"next\"");
    }
  }
}
