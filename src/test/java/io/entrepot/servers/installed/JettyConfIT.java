package io.entrepot.servers.installed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.fixture.Gate;
import io.entrepot.oci.Digest;
import io.entrepot.servers.OpenPull;
import io.entrepot.servers.RawClient;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A Jetty installed by the very commands of jetty-conf/README.md, TLS included. */
@Timeout(300)
class JettyConfIT {
  private static final int SIZE = 3_000_000;
  private static final Path HOME = Path.of(System.getProperty("it.jetty.home"));
  private static final String STARTED = ":oejs.Server:main: Started ";

  @TempDir Path folder;
  private final byte[] bytes = new byte[SIZE];
  private ConfServer jetty;

  @BeforeEach
  void install() throws Exception {
    new Random(1).nextBytes(bytes);
    jetty =
        new ConfServer(
            folder, "jetty-conf", "JETTY", HOME, AnnouncedPort.JETTY, AnnouncedPort.JETTY_TLS);
    jetty.run(jetty.readme.with("cp keystore.p12"));
  }

  @AfterEach
  void stop() {
    jetty.close();
  }

  /**
   * As the README says: Entrepot's properties before start.jar, and Jetty's after it.
   *
   * @param more of Entrepot's
   */
  private void start(String... more) throws IOException {
    String ours =
        Stream.concat(
                Stream.of(
                    "registry.upstream=" + jetty.upstream.uri(),
                    "registry.storage=" + folder.resolve("data")),
                Stream.of(more))
            .map(property -> " -D" + property)
            .collect(Collectors.joining());
    String theirs =
        String.join(
            " ",
            List.of(
                "jetty.http.host=127.0.0.1",
                "jetty.http.port=0",
                "jetty.ssl.host=127.0.0.1",
                "jetty.ssl.port=0",
                // As much longer than the drain of this test as the file's is.
                "jetty.server.stopTimeout=62000"));
    String command = jetty.readme.start();
    assertThat(command).contains("&& java ");
    jetty.start(
        command.replace("&& java", "&& exec $JAVA_HOME/bin/java" + ours) + " " + theirs, STARTED);
  }

  @Test
  void servesPlainAndTlsWithoutAComplaint() throws Exception {
    Digest blob = jetty.upstream.putBlob("team/app", bytes);
    start();

    HttpResponse<byte[]> cold = jetty.get(blob);
    assertThat(cold.statusCode()).as(jetty::console).isEqualTo(200);
    assertThat(cold.body()).isEqualTo(bytes);
    jetty.awaitStored(blob);
    assertThat(jetty.get(blob).body()).isEqualTo(bytes);
    assertOciErrors();
    HttpResponse<byte[]> secure = jetty.getSecurely(blob);
    assertThat(secure.statusCode()).isEqualTo(200);
    assertThat(secure.body()).isEqualTo(bytes);
    assertThat(secure.version()).isEqualTo(HttpClient.Version.HTTP_2);
    jetty.assertStrongSuitesOnly();

    assertThat(jetty.console().lines())
        .noneMatch(line -> line.contains(":WARN ") || line.contains(":ERROR "))
        .noneMatch(line -> line.contains("io.entrepot.access"))
        .anyMatch(line -> line.contains(" INFO    io.entrepot."));
    await()
        .untilAsserted(
            () ->
                assertThat(jetty.requestLog("request.log"))
                    .contains("GET " + ConfServer.path(blob)));
    assertThat(folder.resolve("data")).isNotEmptyDirectory();
  }

  /** Also what the server refuses by itself. */
  private void assertOciErrors() throws IOException {
    RawClient raw = RawClient.of(jetty.uri());
    for (String target : List.of("/v2/a%2fb/tags/list", "/v2/a\\b", "/v2/%00", "/v2/../../x")) {
      RawClient.Answer answer = raw.send("GET", target);
      assertThat(answer.status()).as(target).isEqualTo(400);
      assertThat(answer.header("Content-Type")).as(target).isEqualTo("application/json");
      assertThat(answer.header("Date")).as(target).isNotEmpty();
      assertThat(answer.body()).as(target).startsWith("{\"errors\":[{\"code\":\"NAME_INVALID\"");
    }
    for (String target : List.of("/WEB-INF/web.xml", "/META-INF/MANIFEST.MF", "/web-inf/")) {
      RawClient.Answer answer = raw.send("GET", target);
      assertThat(answer.status()).as(target).isEqualTo(404);
      assertThat(answer.header("Content-Type")).as(target).isEqualTo("application/json");
      assertThat(answer.body()).as(target).startsWith("{\"errors\":[{\"code\":\"UNSUPPORTED\"");
    }
    RawClient.Answer trace = raw.send("TRACE", "/v2/");
    assertThat(trace.status()).isEqualTo(405);
    assertThat(trace.header("Allow")).isEqualTo("GET, HEAD");
    assertThat(trace.body()).startsWith("{\"errors\":[{\"code\":\"UNSUPPORTED\"");
  }

  @Test
  void usersOfItsRealmLogIn() throws Exception {
    Digest blob = jetty.upstream.putBlob("team/app", bytes);
    TypedServer.insert(
        jetty.base.resolve("webapps/root.xml"),
        ServersPage.of("Jetty").realm().get(0),
        "</Configure>");
    Files.writeString(
        jetty.base.resolve("etc/users.properties"), "ann: " + ServersPage.PASSWORD + ", ci\n");
    jetty.with("ENTREPOT_AUTH_CONTAINER", "true").with("ENTREPOT_ACCESS", "group:ci pull team/**");
    start();
    RealmFacts.assertHold(jetty.uri(), ConfServer.path(blob), bytes, "/v2/other/app/blobs/" + blob);
  }

  @Test
  void signalLetsPullsUnderWayEnd() throws Exception {
    Digest blob = jetty.upstream.putBlob("team/app", bytes);
    Gate gate = jetty.upstream.hold(blob, SIZE / 2);
    start();
    try (OpenPull pull = new OpenPull(jetty.uri(), ConfServer.path(blob))) {
      jetty.process().destroy();
      await().until(this::isClosed);
      assertThat(jetty.process().isAlive()).isTrue();
      gate.release();

      assertThat(pull.read()).isEqualTo(bytes);
    }
    assertThat(jetty.process().waitFor(60, TimeUnit.SECONDS)).as(jetty::console).isTrue();
    assertThat(jetty.process().exitValue()).isEqualTo(143);
  }

  @Test
  void leaseAndBlobSurviveARestart() throws Exception {
    Digest blob = jetty.upstream.putBlob("team/app", bytes);
    start();
    assertThat(jetty.get(blob).body()).isEqualTo(bytes);
    jetty.awaitStored(blob);
    jetty.awaitLeases(1);
    jetty.process().destroy();
    assertThat(jetty.process().waitFor(60, TimeUnit.SECONDS)).as(jetty::console).isTrue();

    start();

    jetty.awaitLeases(1);
    HttpResponse<byte[]> again = jetty.get(blob);
    assertThat(again.body()).isEqualTo(bytes);
    assertThat(again.headers().firstValue("Cache-Status")).hasValue("entrepot; hit; detail=hit");
    assertThat(jetty.upstream.blobGets(blob)).hasSize(1);
  }

  private boolean isClosed() throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), jetty.port())) {
      return false;
    } catch (ConnectException nobodyListens) {
      return true;
    }
  }

  @Test
  void forwardedHeadersAreBelievedFromTrustedAddressesOnly() throws Exception {
    start("registry.trustedproxies=" + ConfServer.TRUSTED);

    assertThat(jetty.linkForProxy(ConfServer.TRUSTED))
        .isEqualTo("<https://hub.example:8443/v2/team/app/tags/list?last=v0&n=1>; rel=\"next\"");
    assertThat(jetty.linkForProxy(ConfServer.STRANGER))
        .isEqualTo("</v2/team/app/tags/list?last=v0&n=1>; rel=\"next\"");
  }
}
