package io.entrepot.servers.installed;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.fixture.Gate;
import io.entrepot.oci.Digest;
import io.entrepot.servers.OpenPull;
import io.entrepot.servers.RawClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A Tomcat installed by the very commands of tomcat-conf/README.md. */
@Timeout(300)
class TomcatConfIT {
  private static final int SIZE = 3_000_000;
  private static final Path HOME = Path.of(System.getProperty("it.tomcat.home"));

  @TempDir Path folder;
  private final byte[] bytes = new byte[SIZE];
  private ConfServer tomcat;
  private String head = "20000";

  @BeforeEach
  void install() throws Exception {
    new Random(1).nextBytes(bytes);
    tomcat =
        new ConfServer(
            folder,
            "tomcat-conf",
            "CATALINA",
            HOME,
            AnnouncedPort.TOMCAT,
            AnnouncedPort.TOMCAT_TLS);
  }

  private void start() throws IOException {
    prepared().start("exec sh " + tomcat.readme.start(), "Server startup in");
  }

  private ConfServer prepared() {
    return tomcat
        .with("TOMCAT_HEAP", "256m")
        .with(
            "CATALINA_OPTS",
            Stream.of(
                    "tomcat.http.address=127.0.0.1",
                    "tomcat.http.port=0",
                    "tomcat.https.address=127.0.0.1",
                    "tomcat.https.port=0",
                    "tomcat.head.timeout=" + head,
                    "tomcat.upstream.url=" + tomcat.upstream.uri(),
                    "tomcat.storage.folder=" + folder.resolve("data"))
                .map(property -> "-D" + property)
                .collect(Collectors.joining(" ")));
  }

  @AfterEach
  void stop() {
    tomcat.close();
  }

  @Test
  void servesPlainAndTlsWithoutAComplaint() throws Exception {
    Digest blob = tomcat.upstream.putBlob("team/app", bytes);
    start();

    HttpResponse<byte[]> cold = tomcat.get(blob);
    assertThat(cold.statusCode()).as(tomcat::console).isEqualTo(200);
    assertThat(cold.body()).isEqualTo(bytes);
    // An upgrade to HTTP/2 in the clear must not be granted.
    assertThat(cold.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
    tomcat.awaitStored(blob);
    assertThat(tomcat.get(blob).body()).isEqualTo(bytes);
    assertOciErrors();
    HttpResponse<byte[]> secure = tomcat.getSecurely(blob);
    assertThat(secure.body()).isEqualTo(bytes);
    assertThat(secure.version()).isEqualTo(HttpClient.Version.HTTP_2);
    tomcat.assertStrongSuitesOnly();

    // That its random numbers took more than 100 ms, Tomcat says of a machine that is busy.
    assertThat(tomcat.console().lines().filter(line -> !line.contains("SecureRandom")))
        .noneMatch(line -> line.contains(" WARNING ") || line.contains(" SEVERE "));
    await()
        .untilAsserted(
            () -> assertThat(tomcat.requestLog("access")).contains("GET " + ConfServer.path(blob)));
    assertThat(folder.resolve("data")).isNotEmptyDirectory();
    assertThat(commandLine(tomcat.process()))
        .contains(
            "-Xms256m",
            "-Xmx256m",
            "-XX:MaxDirectMemorySize=384m",
            "-XX:+ExitOnOutOfMemoryError",
            "-Djdk.nio.maxCachedBufferSize=262144",
            "-Djava.awt.headless=true");
  }

  private static List<String> commandLine(Process process) throws IOException {
    Path file = Path.of("/proc", Long.toString(process.pid()), "cmdline");
    return List.of(Files.readString(file).split("\0", -1));
  }

  /** Also what the server refuses by itself. */
  private void assertOciErrors() throws IOException {
    RawClient raw = RawClient.of(tomcat.uri());
    for (String target : List.of("/v2/a%2fb/tags/list", "/v2/a\\b", "/v2/%00", "/v2/../../x")) {
      RawClient.Answer answer = raw.send("GET", target);
      assertThat(answer.status()).as(target).isEqualTo(400);
      assertThat(answer.header("Content-Type")).as(target).isEqualTo("application/json");
      assertThat(answer.header("Date")).as(target).isNotEmpty();
      assertThat(answer.body()).as(target).startsWith("{\"errors\":[{\"code\":\"NAME_INVALID\"");
    }
    RawClient.Answer trace = raw.send("TRACE", "/v2/");
    assertThat(trace.status()).isEqualTo(405);
    assertThat(trace.header("Allow")).isEqualTo("GET, HEAD");
    assertThat(trace.body()).startsWith("{\"errors\":[{\"code\":\"UNSUPPORTED\"");
  }

  @Test
  void serverInTheBackgroundIsStoppedByItsProcessIdWithoutAComplaint() throws Exception {
    List<String> lines = tomcat.readme.with("temp/tomcat.pid").lines().map(String::strip).toList();
    prepared().run(lines.get(0));
    awaitLogged("Server startup in");

    tomcat.run(lines.get(1));

    awaitLogged("Destroying ProtocolHandler");
    assertThat(log()).doesNotContain(" SEVERE ");
  }

  private String log() throws IOException {
    return Files.readString(tomcat.base.resolve("logs/catalina.out"));
  }

  private void awaitLogged(String text) {
    await().atMost(Duration.ofSeconds(100)).ignoreExceptions().until(() -> log().contains(text));
  }

  @Test
  void passwordWithASpaceIsDerivedAsOne() throws Exception {
    tomcat.run(tomcat.readme.with("SecretKeyCredentialHandler"));

    assertThat(tomcat.console())
        .containsPattern("the password:[0-9a-f]{32}\\$100000\\$[0-9a-f]{64}");
  }

  @Test
  void signalLetsPullsUnderWayEnd() throws Exception {
    Digest blob = tomcat.upstream.putBlob("team/app", bytes);
    Gate gate = tomcat.upstream.hold(blob, SIZE / 2);
    start();
    try (OpenPull pull = new OpenPull(tomcat.uri(), ConfServer.path(blob))) {
      tomcat.process().destroy();
      await().until(() -> tomcat.console().contains("New requests are refused from now on"));
      gate.release();

      assertThat(pull.read()).isEqualTo(bytes);
    }
    Unit unit = Unit.read();
    int limit = Integer.parseInt(unit.value("TimeoutStopSec"));
    assertThat(tomcat.process().waitFor(limit, TimeUnit.SECONDS)).isTrue();
    assertThat(tomcat.process().exitValue())
        .isEqualTo(143)
        .isEqualTo(Integer.parseInt(unit.value("SuccessExitStatus")));
  }

  @Test
  void forwardedHeadersAreBelievedFromTrustedAddressesOnly() throws Exception {
    tomcat.with("ENTREPOT_HTTP_TRUSTEDPROXIES", ConfServer.TRUSTED);
    start();

    assertThat(tomcat.linkForProxy(ConfServer.TRUSTED))
        .isEqualTo("<https://hub.example:8443/v2/team/app/tags/list?last=v0&n=1>; rel=\"next\"");
    assertThat(tomcat.linkForProxy(ConfServer.STRANGER))
        .isEqualTo("</v2/team/app/tags/list?last=v0&n=1>; rel=\"next\"");
  }

  /** The time for a head begins again with each byte in Tomcat itself (S37). */
  @Test
  void headsThatNeverEndAreCut() throws Exception {
    head = "1000";
    start();
    try (Socket slow = connect(ConfServer.STRANGER)) {
      slow.getOutputStream().write("GET /v2/ HTTP/1.1\r\nHost: x\r\n".getBytes(US_ASCII));
      await().until(() -> isCut(slow));
    }
  }

  private static boolean isCut(Socket socket) throws IOException {
    try {
      socket.getOutputStream().write('X');
      return socket.getInputStream().read() < 0;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (SocketException e) {
      return true;
    }
  }

  /** S41. The limit and the proxies are those of Entrepot. */
  @Test
  void addressHasOnlyItsShareOfConnectionsUnlessItIsTrusted() throws Exception {
    tomcat.with("ENTREPOT_HTTP_MAXPERCLIENT", "3");
    tomcat.with("ENTREPOT_HTTP_TRUSTEDPROXIES", ConfServer.TRUSTED);
    start();
    assertThat(countOpenOf(ConfServer.TRUSTED)).isEqualTo(6);
    assertThat(countOpenOf(ConfServer.STRANGER)).isEqualTo(3);
  }

  @Test
  void addressesHaveNoLimitBehindTheRemoteIpValve() throws Exception {
    openRemoteIpValve();
    tomcat.with("ENTREPOT_HTTP_MAXPERCLIENT", "3");
    start();
    assertThat(countOpenOf(ConfServer.TRUSTED)).isEqualTo(6);
  }

  /** How many of six connections of an address are there when the last one is served. */
  private int countOpenOf(String address) throws IOException {
    List<Socket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < 6; i++) {
        sockets.add(connect(address));
      }
      int open = 0;
      for (Socket socket : sockets) {
        open += isOpen(socket) ? 1 : 0;
      }
      return open;
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  private Socket connect(String address) throws IOException {
    Socket socket =
        new Socket(
            InetAddress.getLoopbackAddress(),
            tomcat.uri().getPort(),
            InetAddress.getByName(address),
            0);
    socket.setSoTimeout(100);
    return socket;
  }

  /** Asks and looks whether it is answered: a connection that is refused was told so before. */
  private static boolean isOpen(Socket socket) throws IOException {
    socket.setSoTimeout(10_000);
    try {
      socket.getOutputStream().write("GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(US_ASCII));
      return new String(socket.getInputStream().readNBytes(12), US_ASCII).equals("HTTP/1.1 200");
    } catch (SocketException e) {
      return false;
    }
  }

  /** Tomcat's own log names the client then; links stay relative, and so lead back as it came. */
  @Test
  void remoteIpValveBelievesItsProxiesOnly() throws Exception {
    openRemoteIpValve();
    start();

    for (String address : List.of(ConfServer.TRUSTED, ConfServer.STRANGER)) {
      assertThat(tomcat.linkForProxy(address))
          .isEqualTo("</v2/team/app/tags/list?last=v0&n=1>; rel=\"next\"");
    }

    await()
        .untilAsserted(
            () ->
                assertThat(tomcat.requestLog("access").lines().map(line -> line.split(" ", 2)[0]))
                    .containsExactly(ConfServer.CLIENT, ConfServer.STRANGER));
  }

  private void openRemoteIpValve() throws IOException {
    Path file = tomcat.base.resolve("conf/server.xml");
    String server = Files.readString(file);
    var comment =
        Pattern.compile("(<!--[^<]*?)(<Valve [^>]*RemoteIpValve[^>]*/>)\\s*-->", Pattern.DOTALL)
            .matcher(server);
    assertThat(comment.find()).isTrue();
    String valve = comment.group(2).replace("10\\.0\\.0\\.1", "127\\.0\\.0\\.1");
    assertThat(valve).contains("internalProxies=\"127\\.0\\.0\\.1\"");
    Files.writeString(file, server.replace(comment.group(), comment.group(1) + "-->" + valve));
  }

  /** entrepot.service. */
  private record Unit(List<String> lines) {
    static Unit read() throws IOException {
      return new Unit(Files.readAllLines(Path.of("tomcat-conf/entrepot.service")));
    }

    String value(String key) {
      List<String> values = values(key);
      assertThat(values).as(key).hasSize(1);
      return values.get(0);
    }

    List<String> values(String key) {
      return lines.stream()
          .filter(line -> line.startsWith(key + "="))
          .map(line -> line.substring(key.length() + 1))
          .toList();
    }
  }

  @Test
  void systemdUnitRunsWhatTheReadmeInstalls() throws Exception {
    Unit unit = Unit.read();
    String home = tomcat.readme.exported("CATALINA_HOME");
    String base = tomcat.readme.exported("CATALINA_BASE");

    assertThat(unit.values("Environment"))
        .contains("CATALINA_HOME=" + home, "CATALINA_BASE=" + base);
    assertThat(unit.value("ExecStart"))
        .isEqualTo(tomcat.readme.start().replace("$CATALINA_HOME", home));
    assertThat(unit.value("ReadWritePaths")).isEqualTo(base);
    assertThat(unit.value("ProtectSystem")).isEqualTo("strict");
    assertThat(unit.value("NoNewPrivileges")).isEqualTo("yes");
    assertThat(unit.value("User")).isNotEqualTo("root");
    // What is written besides: the default of the storage folder.
    assertThat(Files.readString(Path.of("tomcat-conf/Catalina/localhost/ROOT.xml")))
        .contains("${tomcat.storage.folder:-/var/lib/" + unit.value("StateDirectory") + "}");
    assertThat(Integer.parseInt(unit.value("LimitNOFILE"))).isGreaterThan(3 * maxConnections());
  }

  private static int maxConnections() throws IOException {
    return Pattern.compile("maxConnections=\"(\\d+)\"")
        .matcher(Files.readString(Path.of("tomcat-conf/server.xml")))
        .results()
        .mapToInt(match -> Integer.parseInt(match.group(1)))
        .sum();
  }
}
