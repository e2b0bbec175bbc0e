package io.entrepot.servers.installed;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.fixture.FakeCertificate;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.TlsOffer;
import io.entrepot.oci.Digest;
import io.entrepot.servers.OpenPull;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A server installed by the very commands of the README beside its files, in a JVM of its own and
 * in front of an upstream.
 */
final class ConfServer implements AutoCloseable {
  static final String HOST = "127.0.0.1";

  /** Where the proxy under test may be, and where somebody else is. */
  static final String TRUSTED = "127.0.0.1";

  static final String STRANGER = "127.0.0.2";
  static final String CLIENT = "192.0.2.7";

  private static final Duration PATIENCE = Duration.ofSeconds(150);
  private static final String FORWARDED =
      "X-Forwarded-For: "
          + CLIENT
          + "\r\nX-Forwarded-Host: hub.example:8443\r\nX-Forwarded-Proto: https\r\n";

  final FakeRegistry upstream = FakeRegistry.start();
  final FakeCertificate certificate;
  final Path base;
  final Readme readme;

  /** Where the commands of the README are run: its own folder, and what it takes for granted. */
  private final Path source;

  private final Path console;
  private final Map<String, String> environment = new HashMap<>();
  private final AnnouncedPort plain;
  private final AnnouncedPort tls;
  private Process process;

  /**
   * Lays the files out; installs nothing yet.
   *
   * @param conf the folder of the README
   * @param server what the names of the variables for its folders begin with, such as JETTY
   * @param home the unpacked distribution
   * @param plain how it tells the port that it takes for HTTP
   * @param tls how it tells the port that it takes for TLS
   */
  ConfServer(
      Path folder, String conf, String server, Path home, AnnouncedPort plain, AnnouncedPort tls)
      throws Exception {
    this.plain = plain;
    this.tls = tls;
    base = folder.resolve("base");
    console = Files.createFile(folder.resolve("console"));
    source = Files.createDirectory(folder.resolve("source"));
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    environment.put(server + "_HOME", home.toAbsolutePath().toString());
    environment.put(server + "_BASE", base.toString());
    environment.put("ENTREPOT_STORAGE_RESERVE", "0");
    environment.put("ENTREPOT_HTTP_DRAINTIMEOUT", "60s");
    run("cp -r " + Path.of(conf).toAbsolutePath() + "/. .");
    Files.copy(Path.of(System.getProperty("it.war")), source.resolve("entrepot.war"));
    certificate = FakeCertificate.create(folder, "server", "ip:" + HOST);
    certificate.install(source);
    Files.copy(certificate.keyStore(), source.resolve("keystore.p12"));
    readme = Readme.of(source.resolve("README.md"));
    run(readme.installation().replace("/var/lib/entrepot", folder.resolve("data").toString()));
  }

  /** Adds a variable to the environment of what is run from now on. */
  ConfServer with(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  /** Runs commands of the README to their end. */
  void run(String commands) throws Exception {
    Process shell = shell("set -e\n" + commands, source);
    assertThat(shell.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(shell.exitValue()).as(this::console).isZero();
  }

  /**
   * Starts the server by this command, as the process that gets the signals. What was said before
   * is no longer on the console.
   *
   * @param started what it says when it serves
   */
  void start(String command, String started) throws IOException {
    Files.writeString(console, "");
    process = shell(command, base);
    await().atMost(PATIENCE).until(() -> console().contains(started) || !process.isAlive());
    assertThat(process.isAlive()).as(this::console).isTrue();
  }

  private Process shell(String commands, Path where) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(List.of("sh", "-c", commands))
            .directory(where.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(console.toFile()));
    builder.environment().putAll(environment);
    return builder.start();
  }

  Process process() {
    return process;
  }

  /** All that the server has said. */
  String console() {
    try {
      return Files.readString(console);
    } catch (IOException e) {
      return e.toString();
    }
  }

  int port() {
    return plain.in(console());
  }

  URI uri() {
    return URI.create("http://" + HOST + ":" + port());
  }

  static String path(Digest blob) {
    return "/v2/team/app/blobs/" + blob;
  }

  /** Gets a blob in the clear, where an upgrade to HTTP/2 is asked for. */
  HttpResponse<byte[]> get(Digest blob) throws Exception {
    return fetch(uri() + path(blob));
  }

  HttpResponse<byte[]> getSecurely(Digest blob) throws Exception {
    return fetch("https://" + HOST + ":" + tls.in(console()) + path(blob));
  }

  /** That weak suites of TLS are refused. */
  void assertStrongSuitesOnly() throws Exception {
    TlsOffer.assertStrongSuitesOnly(certificate.server(), HOST, tls.in(console()));
  }

  /** Gets something in the clear. */
  HttpResponse<byte[]> get(String path, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri().resolve(path)).timeout(Duration.ofSeconds(60));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofByteArray());
  }

  private HttpResponse<byte[]> fetch(String uri) throws Exception {
    HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_2)
            .sslContext(certificate.server())
            .build();
    return client.send(
        HttpRequest.newBuilder(URI.create(uri)).timeout(Duration.ofSeconds(60)).build(),
        BodyHandlers.ofByteArray());
  }

  /**
   * The next page of a list of tags, for a client that says it is a proxy's, and has this address.
   */
  String linkForProxy(String address) throws IOException {
    for (String tag : List.of("v0", "v1")) {
      upstream.putManifest(
          "team/app", tag, "application/vnd.oci.image.manifest.v1+json", tag.getBytes(US_ASCII));
    }
    try (OpenPull list = OpenPull.from(address, uri(), "/v2/team/app/tags/list?n=1", FORWARDED)) {
      assertThat(list.status()).isEqualTo(200);
      return list.header("Link");
    }
  }

  /** Waits until so many stored digests have a lease. */
  void awaitLeases(int count) {
    await()
        .untilAsserted(
            () ->
                assertThat(new String(get(uri() + "/api/stats").body(), US_ASCII))
                    .contains("\"leases\":" + count));
  }

  void awaitStored(Digest blob) {
    await()
        .untilAsserted(
            () ->
                assertThat(get(blob).headers().firstValue("Cache-Status"))
                    .hasValue("entrepot; hit; detail=hit"));
  }

  /** The log of requests, whose file in {@code logs/} has this in its name. */
  String requestLog(String name) throws IOException {
    try (var logs = Files.list(base.resolve("logs"))) {
      Path log =
          logs.filter(file -> file.getFileName().toString().contains(name))
              .findFirst()
              .orElseThrow();
      return Files.readString(log);
    }
  }

  @Override
  public void close() {
    if (process != null) {
      process.destroyForcibly();
    }
    upstream.close();
  }
}
