package io.entrepot.launch;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.config.SettingsTable;
import io.entrepot.fixture.FakeCertificate;
import io.entrepot.fixture.FreePort;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code java -jar}, whose stop waits for unfinished responses and then cuts them off (F23). */
@Timeout(120)
class LauncherTest {
  @TempDir static Path shared;
  @TempDir Path folder;
  private static Path war;
  private final HttpClient http = HttpClient.newHttpClient();

  @BeforeAll
  static void buildWar() throws IOException {
    war = TinyWar.build(shared);
  }

  @Test
  void helpListsOptionsAndSettings() throws Exception {
    try (LaunchedProcess launched = launch("--help")) {
      assertThat(launched.exitCode()).isZero();
      assertThat(launched.err()).isEmpty();
      assertThat(launched.out())
          .startsWith("Usage: java -jar entrepot.war [OPTION]...\n")
          .contains(Options.help())
          .endsWith(SettingsTable.help());
    }
  }

  @Test
  void shortFormsAreTheSame() throws Exception {
    try (LaunchedProcess launched = launch("-h")) {
      assertThat(launched.exitCode()).isZero();
      assertThat(launched.out()).contains(Options.help());
    }
  }

  @Test
  void checkTellsWhatItHasFoundAndEnds() throws Exception {
    try (LaunchedProcess launched = launch("--check")) {
      assertThat(launched.exitCode()).isZero();
      assertThat(launched.out()).isEqualTo("upstream x: answers\nfolder y: can be written\n");
    }
    try (LaunchedProcess launched = launch("--check", "--set", "proxy.ttl=bad")) {
      assertThat(launched.exitCode()).isEqualTo(1);
      assertThat(launched.out()).isEmpty();
      assertThat(launched.err()).contains("proxy.ttl").contains("proxy.expire: bad too");
    }
  }

  @Test
  void portNamesTheOptionThatHasIt() throws Exception {
    try (LaunchedProcess launched = launch("--port", "5000")) {
      assertThat(launched.exitCode()).isEqualTo(2);
      assertThat(launched.err())
          .isEqualTo("unknown option --port; write --addr HOST:PORT (see --help)\n");
    }
  }

  @Test
  void versionIsTheWars() throws Exception {
    try (LaunchedProcess launched = launch("--version")) {
      assertThat(launched.exitCode()).isZero();
      assertThat(launched.out()).isEqualTo("Entrepot 1.2.3\n");
    }
  }

  @Test
  void mistakeOnTheCommandLineExitsWith2() throws Exception {
    try (LaunchedProcess launched = launch("--adr", ":80")) {
      assertThat(launched.exitCode()).isEqualTo(2);
      assertThat(launched.out()).isEmpty();
      assertThat(launched.err())
          .isEqualTo("unknown option --adr; did you mean --addr? (see --help)\n");
    }
  }

  /** What a cleaner of temporary folders does (F29). */
  @Test
  void serverGoesOnWhenItsTemporaryFilesAreDeleted() throws Exception {
    try (LaunchedProcess launched = launch()) {
      int port = launched.port();
      FileUtils.cleanDirectory(launched.temporary().toFile());

      HttpResponse<String> answer = get(port, "/v2/late");

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(Integer.parseInt(answer.body())).isPositive();
      launched.terminate();
      assertThat(launched.exitCode()).isZero();
      assertThat(launched.temporary()).isEmptyDirectory();
    }
  }

  @Test
  void listensAtASecondAddressForTheAdministrativeApi() throws Exception {
    int port = FreePort.find();
    try (LaunchedProcess launched = launch("--set", "http.adminaddr=127.0.0.1:" + port)) {
      int first = launched.port();
      assertThat(get(first, "/v2/port").body()).isEqualTo(String.valueOf(first));
      assertThat(get(port, "/v2/port").body()).isEqualTo(String.valueOf(port));
      assertThat(launched.out()).contains("/api and /metrics are at http://127.0.0.1:" + port);
    }
  }

  /** What was logged before the settings were read follows them too. */
  @Test
  void logIsJsonAndOfALevelWhereTheSettingsSaySo() throws Exception {
    try (LaunchedProcess launched = launch("--set", "log.format=json", "--set", "log.level=WARN")) {
      launched.port();
      launched.terminate();
      assertThat(launched.exitCode()).isZero();
      assertThat(launched.err().lines().filter(line -> line.contains("io.entrepot.tiny")))
          .singleElement()
          .asString()
          .startsWith("{\"time\":\"")
          .endsWith(
              ",\"level\":\"warn\",\"logger\":\"io.entrepot.tiny\","
                  + "\"message\":\"a \\\"warning\\\"\"}");
    }
  }

  /** Who has none may still come; one of another authority is refused by TLS. */
  @Test
  void asksForClientCertificatesOfTheAuthorityOfTheSettings() throws Exception {
    FakeCertificate own = FakeCertificate.create(folder, "server", "ip:127.0.0.1");
    FakeCertificate ann = FakeCertificate.create(folder, "ann", "dns:ann.example");
    List<String> properties =
        List.of(
            "entrepot.http.tls.certificate=" + own.pem(),
            "entrepot.http.tls.key=" + own.keyPem(),
            "entrepot.auth.tls.clientca=" + ann.pem());
    try (LaunchedProcess launched = launch(properties)) {
      int port = launched.port();
      assertThat(who(port, ann.clientTrusting(own))).isEqualTo("CN=ann");
      assertThat(who(port, own.clientTrusting(own))).isNotEqualTo("CN=server");
      own.install(folder);
      assertThat(who(port, FakeCertificate.trustingInstalled(folder))).isEqualTo("nobody");
    }
  }

  private static String who(int port, SSLContext context) throws Exception {
    URI uri = URI.create("https://127.0.0.1:" + port + "/v2/who");
    try {
      return HttpClient.newBuilder()
          .sslContext(context)
          .build()
          .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (IOException e) {
      return "refused";
    }
  }

  @Test
  void failureOfTheApplicationIsToldWithoutATrace() throws Exception {
    try (LaunchedProcess launched = launch("--set", "proxy.ttl=bad")) {
      assertThat(launched.exitCode()).isEqualTo(1);
      assertThat(launched.out()).isEmpty();
      assertThat(withoutOwnLog(launched))
          .containsExactly("proxy.ttl: bad", "proxy.expire: bad too");
      assertThat(launched.temporary()).isEmptyDirectory();
    }
  }

  @Test
  void failureThatIsNotToldIsLoggedWithItsTrace() throws Exception {
    try (LaunchedProcess launched = launch(List.of("tiny.bug=1"))) {
      assertThat(launched.exitCode()).isEqualTo(1);
      assertThat(launched.err())
          .contains(
              "IllegalStateException: this trace is needed",
              "\tat " + TinyApplication.class.getName())
          .endsWith("the application has not started; the log says why\n");
    }
  }

  @Test
  void takenPortIsOneLine() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        LaunchedProcess launched = launch("--addr", "127.0.0.1:" + taken.getLocalPort())) {
      assertThat(launched.exitCode()).isEqualTo(1);
      assertThat(launched.out()).isEmpty();
      assertThat(withoutOwnLog(launched))
          .containsExactly(
              "--addr: cannot listen on 127.0.0.1:%d: Address already in use"
                  .formatted(taken.getLocalPort()));
      assertThat(launched.temporary()).isEmptyDirectory();
    }
  }

  @Test
  void unknownHostIsOneLine() throws Exception {
    try (LaunchedProcess launched = launch("--addr", "no.such.invalid:0")) {
      assertThat(launched.exitCode()).isEqualTo(1);
      assertThat(withoutOwnLog(launched))
          .containsExactly("--addr: cannot listen on no.such.invalid:0: there is no such host");
    }
  }

  @Test
  void servesTheApplicationOnlyUntilASignal() throws Exception {
    try (LaunchedProcess launched = launch("--set", "proxy.remoteurl=https://up.example")) {
      int port = launched.port();
      assertThat(launched.out())
          .isEqualTo(
              "Entrepot 1.2.3 serves http://127.0.0.1:%d/v2/ (upstream https://up.example)\n"
                  .formatted(port));
      HttpResponse<String> answer = get(port, "/v2/");
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo("{}");
      assertThat(answer.headers().map()).doesNotContainKeys("server", "x-powered-by");
      launched.terminate();
      assertThat(launched.exitCode()).isZero();
      assertThat(log(launched))
          .satisfiesExactly(
              line ->
                  assertThat(line)
                      .matches("[-0-9]+T[.:0-9]+Z INFO    io.entrepot.tiny initialized"),
              line -> assertThat(line).endsWith(" INFO    io.entrepot.tiny destroyed"));
      assertThat(launched.temporary()).isEmptyDirectory();
    }
  }

  @Test
  void servesNoFilesOfTheWar() throws Exception {
    List<String> paths =
        List.of(
            "/io/entrepot/launch/Launcher.class",
            "/WEB-INF/web.xml",
            "/META-INF/MANIFEST.MF",
            "/page.html",
            "/");
    try (LaunchedProcess launched = launch()) {
      for (String path : paths) {
        HttpResponse<String> answer = get(launched.port(), path);
        assertThat(answer.statusCode()).as(path).isEqualTo(404);
        assertThat(answer.body()).doesNotContain("Tomcat").doesNotContain("for nobody");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v2/wait", "/v2/async"})
  void stopWaitsForResponsesUnderWay(String path) throws Exception {
    Path release = folder.resolve("release");
    try (LaunchedProcess launched = launch(List.of("tiny.release=" + release));
        Socket client = request(launched.port(), path)) {
      assertThat(readUntil(client, "\r\n\r\na")).startsWith("HTTP/1.1 200");
      launched.terminate();
      launched.awaitRefusal();
      // By default Tomcat waits 2 seconds for a servlet.
      await()
          .during(Duration.ofMillis(2500))
          .until(() -> !launched.err().contains(" io.entrepot.tiny destroyed"));
      Files.createFile(release);
      assertThat(client.getInputStream().read()).isEqualTo('b');
      assertThat(launched.exitCode()).isZero();
    }
  }

  @Test
  void stopWaitsForFilesBeingSent() throws Exception {
    Path file = folder.resolve("file");
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(TinyApplication.SENDFILE_BYTES);
    }
    try (LaunchedProcess launched = launch(List.of("tiny.file=" + file));
        Socket client = request(launched.port(), "/v2/sendfile")) {
      assertThat(readUntil(client, "\r\n\r\n")).startsWith("HTTP/1.1 200");
      launched.terminate();
      launched.awaitRefusal();
      byte[] body = client.getInputStream().readNBytes(TinyApplication.SENDFILE_BYTES);
      assertThat(body.length).isEqualTo(TinyApplication.SENDFILE_BYTES);
      assertThat(launched.exitCode()).isZero();
    }
  }

  @Test
  void stopDoesNotWaitForIdleConnections() throws Exception {
    try (LaunchedProcess launched = launch(List.of("tiny.drain=PT1H"));
        Socket client = request(launched.port(), "/v2/")) {
      assertThat(readUntil(client, "{}")).startsWith("HTTP/1.1 200");
      launched.terminate();
      assertThat(launched.exitCode()).isZero();
      assertThat(client.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void stopWaitsNoLongerThanItsLimit() throws Exception {
    List<String> properties =
        List.of("tiny.drain=PT0.2S", "tiny.release=" + folder.resolve("never"));
    try (LaunchedProcess launched = launch(properties);
        Socket client = request(launched.port(), "/v2/async")) {
      assertThat(readUntil(client, "\r\n\r\na")).startsWith("HTTP/1.1 200");
      launched.terminate();
      assertThat(launched.exitCode()).isZero();
      assertThat(client.getInputStream().read()).isEqualTo(-1);
      assertThat(launched.temporary()).isEmptyDirectory();
    }
  }

  private LaunchedProcess launch(String... options) throws IOException {
    return LaunchedProcess.of(war, folder, List.of(), options);
  }

  private LaunchedProcess launch(List<String> properties) throws IOException {
    return LaunchedProcess.of(war, folder, properties);
  }

  private static List<String> withoutOwnLog(LaunchedProcess launched) {
    return log(launched).filter(line -> !line.contains(" io.entrepot.tiny ")).toList();
  }

  /**
   * The log without a line that Tomcat writes on a busy machine: that random numbers took over 100
   * ms.
   */
  private static Stream<String> log(LaunchedProcess launched) {
    return launched.err().lines().filter(line -> !line.contains("SecureRandom"));
  }

  private HttpResponse<String> get(int port, String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + port + path);
    return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }

  private static Socket request(int port, String path) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(60_000);
    String request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(US_ASCII));
    return socket;
  }

  private static String readUntil(Socket socket, String end) throws IOException {
    StringBuilder text = new StringBuilder();
    while (text.indexOf(end) < 0) {
      int next = socket.getInputStream().read();
      assertThat(next).as("after " + text).isNotNegative();
      text.append((char) next);
    }
    return text.toString();
  }
}
