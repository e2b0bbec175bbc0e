package io.entrepot.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.fixture.FakeCertificate;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.FreePort;
import io.entrepot.fixture.Gate;
import io.entrepot.oci.Digest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A Tomcat installed by the very commands of tomcat-conf/README.md. */
@Timeout(180)
class TomcatConfIT {
  private static final int SIZE = 3_000_000;
  private static final Path HOME = Path.of(System.getProperty("it.tomcat.home"));
  private static final Pattern COMMANDS =
      Pattern.compile(
          "```sh\\n(export [^\\n]*)\\n\\n(.*?)\\n\\n[^\\n]*catalina.sh run", Pattern.DOTALL);

  @TempDir Path folder;
  private final FakeRegistry upstream = FakeRegistry.start();
  private final byte[] bytes = new byte[SIZE];
  private Path base;
  private FakeCertificate certificate;
  private int port;
  private int tlsPort;
  private Process tomcat;

  @BeforeEach
  void installAndStart() throws Exception {
    new Random(1).nextBytes(bytes);
    base = folder.resolve("base");
    install();
    port = FreePort.find();
    tlsPort = FreePort.find();
    tomcat =
        shell(
            HOME.resolve("bin/catalina.sh") + " run",
            Map.of(
                "TOMCAT_HEAP",
                "256m",
                "ENTREPOT_STORAGE_RESERVE",
                "0",
                "ENTREPOT_HTTP_DRAINTIMEOUT",
                "60s",
                "CATALINA_OPTS",
                Stream.of(
                        "tomcat.http.address=127.0.0.1",
                        "tomcat.http.port=" + port,
                        "tomcat.https.address=127.0.0.1",
                        "tomcat.https.port=" + tlsPort,
                        "tomcat.upstream.url=" + upstream.uri(),
                        "tomcat.storage.folder=" + folder.resolve("data"))
                    .map(property -> "-D" + property)
                    .collect(Collectors.joining(" "))));
    await()
        .atMost(Duration.ofSeconds(90))
        .until(() -> console().contains("Server startup in") || !tomcat.isAlive());
  }

  @AfterEach
  void stop() {
    tomcat.destroyForcibly();
    upstream.close();
  }

  @Test
  void servesPlainAndTlsWithoutAComplaint() throws Exception {
    Digest blob = upstream.putBlob("team/app", bytes);

    HttpResponse<byte[]> cold = get("http", port, blob);
    assertThat(cold.statusCode()).as(this::console).isEqualTo(200);
    assertThat(cold.body()).isEqualTo(bytes);
    assertThat(cold.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
    await()
        .untilAsserted(
            () ->
                assertThat(get("http", port, blob).headers().firstValue("Cache-Status"))
                    .hasValue("entrepot; hit; detail=hit"));
    assertThat(get("http", port, blob).body()).isEqualTo(bytes);
    HttpResponse<byte[]> secure = get("https", tlsPort, blob);
    assertThat(secure.body()).isEqualTo(bytes);
    assertThat(secure.version()).isEqualTo(HttpClient.Version.HTTP_2);

    // That its random numbers took more than 100 ms, Tomcat says of a machine that is busy.
    assertThat(console().lines().filter(line -> !line.contains("SecureRandom")))
        .noneMatch(line -> line.contains(" WARNING ") || line.contains(" SEVERE "));
    await().untilAsserted(() -> assertThat(accessLog()).contains("GET /v2/team/app/blobs/" + blob));
    assertThat(folder.resolve("data")).isNotEmptyDirectory();
  }

  @Test
  void signalLetsPullsUnderWayEnd() throws Exception {
    Digest blob = upstream.putBlob("team/app", bytes);
    Gate gate = upstream.hold(blob, SIZE / 2);
    try (OpenPull pull =
        new OpenPull(URI.create("http://127.0.0.1:" + port), "/v2/team/app/blobs/" + blob)) {
      tomcat.destroy();
      await().until(() -> console().contains("No more requests are taken"));
      gate.release();

      assertThat(pull.read()).isEqualTo(bytes);
    }
    assertThat(tomcat.waitFor(60, TimeUnit.SECONDS)).isTrue();
    // SIGTERM's, which entrepot.service takes for success.
    assertThat(tomcat.exitValue()).isEqualTo(143);
    assertThat(Files.readString(Path.of("tomcat-conf/entrepot.service")))
        .contains("SuccessExitStatus=143", "ExecStart=/opt/tomcat/bin/catalina.sh run");
  }

  private void install() throws Exception {
    Path source = Files.createDirectory(folder.resolve("source"));
    shell("cp -r " + Path.of("tomcat-conf").toAbsolutePath() + "/. .", source, Map.of()).waitFor();
    Files.copy(Path.of(System.getProperty("it.war")), source.resolve("entrepot.war"));
    certificate = FakeCertificate.create(folder, "tomcat", "ip:127.0.0.1");
    certificate.install(source);
    Matcher commands = COMMANDS.matcher(Files.readString(source.resolve("README.md")));
    assertThat(commands.find()).as("commands in the README").isTrue();
    Process install = shell("set -e\n" + commands.group(2), source, Map.of());
    assertThat(install.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(install.exitValue()).as(this::console).isZero();
  }

  private Process shell(String commands, Map<String, String> environment) throws IOException {
    return shell("exec sh " + commands, base, environment);
  }

  private Process shell(String commands, Path where, Map<String, String> environment)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(List.of("sh", "-c", commands))
            .directory(where.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("console").toFile()));
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("CATALINA_HOME", HOME.toString());
    builder.environment().put("CATALINA_BASE", base.toString());
    builder.environment().putAll(environment);
    return builder.start();
  }

  private HttpResponse<byte[]> get(String scheme, int where, Digest blob) throws Exception {
    // Over plain http this client asks for an upgrade to HTTP/2, which must not be granted.
    HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_2)
            .sslContext(certificate.server())
            .build();
    URI uri = URI.create(scheme + "://127.0.0.1:" + where + "/v2/team/app/blobs/" + blob);
    return client.send(
        HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(60)).build(),
        BodyHandlers.ofByteArray());
  }

  private String console() {
    try {
      return Files.readString(folder.resolve("console"));
    } catch (IOException e) {
      return "";
    }
  }

  private String accessLog() throws IOException {
    try (Stream<Path> logs = Files.list(base.resolve("logs"))) {
      Path log =
          logs.filter(file -> file.getFileName().toString().startsWith("access"))
              .findFirst()
              .orElseThrow();
      return Files.readString(log);
    }
  }
}
