package io.entrepot.launch;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.entrepot.fixture.Gate;
import io.entrepot.oci.Digest;
import io.entrepot.servers.RawClient;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.postgresql.util.DriverInfo;

/** The whole application with {@code java -jar}: pulls, the stop after a SIGTERM, its parts. */
@Timeout(120)
class ExecutableWarIT extends ExecutableFixture {
  private static final int SIZE = 3_000_000;

  private final byte[] bytes = new byte[SIZE];

  @Test
  void pullUnderWayComesToItsEndAfterTheSignal() throws Exception {
    new Random(1).nextBytes(bytes);
    Digest blob = upstream.putBlob("team/app", bytes);
    Gate gate = upstream.hold(blob, SIZE / 2);
    try (LaunchedProcess launched = launch("60s");
        Socket client = pull(launched.port(), blob)) {
      InputStream in = client.getInputStream();
      skipHead(in);
      assertThat(in.readNBytes(SIZE / 4)).isEqualTo(Arrays.copyOf(bytes, SIZE / 4));

      launched.terminate();
      launched.awaitRefusal();
      gate.release();

      assertThat(in.readNBytes(SIZE)).isEqualTo(Arrays.copyOfRange(bytes, SIZE / 4, SIZE));
      assertThat(launched.exitCode()).isZero();
      assertThat(launched.temporary()).isEmptyDirectory();
    }
  }

  /** The drain timeout of the application runs at the same time as the launcher's, not after it. */
  @Test
  void applicationTakesNoMoreRequestsFromTheSignalOn() throws Exception {
    Digest blob = upstream.putBlob("team/app", bytes);
    upstream.hold(blob, SIZE / 2);
    try (LaunchedProcess launched = launch("1h");
        Socket client = pull(launched.port(), blob)) {
      skipHead(client.getInputStream());

      launched.terminate();

      await()
          .until(
              () ->
                  launched
                      .err()
                      .contains("New requests are refused from now on; 1 requests are unfinished"));
    }
  }

  @Test
  void clientThatLeavesIsOneLineOfTheLog() throws Exception {
    Digest blob = upstream.putBlob("team/app", bytes);
    Gate gate = upstream.hold(blob, SIZE / 2);
    try (LaunchedProcess launched = launch("60s")) {
      try (Socket client = pull(launched.port(), blob)) {
        skipHead(client.getInputStream());
        client.setSoLinger(true, 0); // the end is a reset
      }
      gate.release();

      await().untilAsserted(() -> assertThat(launched.err()).contains("the client left"));
      assertThat(launched.err()).doesNotContain("SEVERE", "WARNING", "\tat ");
      assertThat(launched.err().lines().filter(line -> line.contains(blob.toString())))
          .hasSize(1)
          .allMatch(line -> line.contains(" INFO ") && line.contains("status=200"));
    }
  }

  @Test
  void whatTomcatItselfRefusesIsOciJson() throws Exception {
    try (LaunchedProcess launched = launch("1s")) {
      RawClient raw = new RawClient("127.0.0.1", launched.port());
      for (String target : List.of("/v2/a%2fb/tags/list", "/v2/a\\b", "/v2/%00", "/v2/<", "/%")) {
        RawClient.Answer answer = raw.send("GET", target);

        assertThat(answer.status()).as(target).isEqualTo(400);
        assertThat(answer.header("Content-Type")).as(target).isEqualTo("application/json");
        assertThat(answer.body()).as(target).startsWith("{\"errors\":[{\"code\":\"NAME_INVALID\"");
      }
      RawClient.Answer trace = raw.send("TRACE", "/v2/");
      assertThat(trace.status()).isEqualTo(405);
      assertThat(trace.header("Allow")).isEqualTo("GET, HEAD");
      assertThat(trace.body()).startsWith("{\"errors\":[{\"code\":\"UNSUPPORTED\"");
    }
  }

  @Test
  void pullThatTakesTooLongIsCutShortAtTheLimit() throws Exception {
    new Random(1).nextBytes(bytes);
    Digest blob = upstream.putBlob("team/app", bytes);
    upstream.hold(blob, SIZE / 2);
    try (LaunchedProcess launched = launch("3s");
        Socket client = pull(launched.port(), blob)) {
      InputStream in = client.getInputStream();
      skipHead(in);
      in.readNBytes(1);

      long begin = System.nanoTime();
      launched.terminate();

      assertThat(readToTheEnd(in)).isLessThan(SIZE);
      assertThat(launched.exitCode()).isZero();
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofSeconds(3));
      assertThat(launched.err())
          .containsOnlyOnce("requests have not finished within PT3S and are cut off");
      assertThat(launched.temporary()).isEmptyDirectory();
    }
  }

  /**
   * What a cleaner of temporary folders does (F29). The API of the administration is not loaded
   * yet.
   */
  @Test
  void everythingIsServedAfterItsTemporaryFilesAreDeleted() throws Exception {
    new Random(1).nextBytes(bytes);
    Digest blob = upstream.putBlob("team/app", bytes);
    try (LaunchedProcess launched = launch("1s")) {
      String base = "http://127.0.0.1:" + launched.port();
      FileUtils.cleanDirectory(launched.temporary().toFile());

      assertThat(get(URI.create(base + "/v2/team/app/blobs/" + blob))).isEqualTo(bytes);
      assertThat(get(URI.create(base + "/v2/team/app/tags/list"))).asString().contains("errors");
      assertThat(get(URI.create(base + "/api/health"))).asString().contains("\"degraded\":[]");
      assertThat(get(URI.create(base + "/api/stats"))).asString().contains("\"blobs\":1");
      assertThat(get(URI.create(base + "/metrics"))).asString().contains("entrepot_");
      assertThat(launched.err()).doesNotContain("SEVERE", "\tat ");

      launched.terminate();
      assertThat(launched.exitCode()).isZero();
    }
  }

  @Test
  void consoleThatAttachesEvicts() throws Exception {
    Digest blob = upstream.putBlob("team/app", bytes);
    try (LaunchedProcess launched = launch("1s")) {
      URI uri = URI.create("http://127.0.0.1:" + launched.port() + "/v2/team/app/blobs/" + blob);
      assertThat(get(uri)).hasSize(SIZE);
      try (JMXConnector console = launched.attach()) {
        MBeanServerConnection jvm = console.getMBeanServerConnection();
        ObjectName name = jvm.queryNames(new ObjectName("io.entrepot:*"), null).iterator().next();
        await().until(() -> jvm.getAttribute(name, "HeldBlobs").equals(1L));

        Object[] argument = {"team/app@" + blob};
        assertThat(jvm.invoke(name, "evict", argument, new String[] {"java.lang.String"}))
            .isEqualTo(1);
        await().until(() -> jvm.getAttribute(name, "Evictions").equals(1L));
      }
      assertThat(get(uri)).hasSize(SIZE);
      assertThat(upstream.blobGets(blob)).hasSize(2);
    }
  }

  private static byte[] get(URI uri) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(20)).build(),
            HttpResponse.BodyHandlers.ofByteArray())
        .body();
  }

  @Test
  void errorsNameWhatWasTyped() throws Exception {
    try (LaunchedProcess launched =
        launch("1s", "--addr", "nowhere", "--set", "proxy.tttl=5", "--set", "proxy.ttl=x")) {
      assertThat(launched.exitCode()).isEqualTo(1);
      assertThat(launched.err())
          .contains("--addr is \"nowhere\"; expected ")
          .contains("--set proxy.ttl is \"x\"; expected ")
          .contains("--set proxy.tttl: unknown setting; did you mean proxy.ttl?")
          .doesNotContain("http.addr", "system property");
    }
  }

  /** The list of parts names each jar that ships, the unpacked Tomcat, and nothing else. */
  @Test
  void warListsAllItsPartsWithTheirVersions() throws Exception {
    try (JarFile war = new JarFile(System.getProperty("it.war"))) {
      JarEntry entry = war.getJarEntry("META-INF/sbom/entrepot.cdx.json");
      if (entry == null && "offline=true".equals(System.getProperty("it.maven"))) {
        Assumptions.abort("Maven makes no list while it is offline");
      }
      JsonNode list;
      try (InputStream in = war.getInputStream(entry)) {
        list = new ObjectMapper().readTree(in);
      }
      Set<String> listed = new TreeSet<>();
      for (JsonNode part : list.path("components")) {
        String jar = part.path("name").asText() + "-" + part.path("version").asText() + ".jar";
        listed.add(jar);
        assertThat(part.path("purl").asText()).startsWith("pkg:maven/");
        assertThat(part.path("hashes").toString()).contains("SHA-256");
      }
      Set<String> shipped =
          war.stream()
              .map(JarEntry::getName)
              .filter(name -> name.matches("WEB-INF/lib/[^/]+\\.jar"))
              .map(name -> name.substring(name.lastIndexOf('/') + 1))
              .collect(Collectors.toCollection(TreeSet::new));
      String tomcat = tomcatVersion(war);
      shipped.add("tomcat-embed-core-" + tomcat + ".jar");
      shipped.add("tomcat-annotations-api-" + tomcat + ".jar");
      shipped.add("postgresql-" + DriverInfo.DRIVER_VERSION + ".jar"); // beside Tomcat
      assertThat(listed).isEqualTo(shipped).hasSizeGreaterThan(30);
      assertThat(list.path("bomFormat").asText()).isEqualTo("CycloneDX");
      assertThat(list.path("metadata").has("timestamp"))
          .as("so that two builds make the same")
          .isFalse();
    }
  }

  private static String tomcatVersion(JarFile war) throws IOException {
    Properties about = new Properties();
    try (InputStream in =
        war.getInputStream(war.getEntry("org/apache/catalina/util/ServerInfo.properties"))) {
      about.load(in);
    }
    return about.getProperty("server.info").replaceFirst(".*/", "");
  }

  private static Socket pull(int port, Digest blob) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(60_000);
    socket
        .getOutputStream()
        .write(
            "GET /v2/team/app/blobs/%s HTTP/1.1\r\nHost: localhost\r\n\r\n"
                .formatted(blob)
                .getBytes(ISO_8859_1));
    return socket;
  }

  private static void skipHead(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      assertThat(next).as("after " + head).isNotNegative();
      head.append((char) next);
    }
    assertThat(head.toString()).startsWith("HTTP/1.1 200").contains("Content-Length: " + SIZE);
  }

  private static int readToTheEnd(InputStream in) {
    int count = 0;
    try {
      while (in.read() >= 0) {
        count++;
      }
    } catch (IOException reset) {
      // The connection may end in this way too.
    }
    return count;
  }
}
