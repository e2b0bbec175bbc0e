package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.boot.TestServer;
import io.entrepot.fixture.Corpus;
import io.entrepot.fixture.FakeRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.apache.commons.io.FileUtils;

/**
 * Requests that are nearly valid, sent over a socket. None is answered with 500, and a malformed
 * request causes no upstream request (S9 to S12, S15, S19).
 */
class RequestFuzzTest {
  private static final Corpus CORPUS = Corpus.read("requests");
  private static final Pattern STATUS = Pattern.compile("(?m)^HTTP/1\\.1 (\\d{3})");

  /** The statuses of Tomcat for an unknown transfer coding and an unknown version. */
  private static final List<Integer> NOT_IMPLEMENTED = List.of(501, 505);

  private static final String SOUND = "GET /v2/ HTTP/1.1\r\nHost: cache.example";

  private static Path folder;
  private static FakeRegistry upstream;
  private static TestServer server;

  @BeforeContainer
  static void start() throws IOException {
    folder = Files.createTempDirectory("request-fuzz");
    upstream = FakeRegistry.start();
    upstream.putBlob("team/app", new byte[0]);
    server = new TestServer.Builder(folder, upstream.uri()).set("proxy.maxfills", "2").start();
  }

  @AfterContainer
  static void stop() throws IOException {
    server.close();
    upstream.close();
    FileUtils.deleteDirectory(folder.toFile());
  }

  @Example
  void corpusIsReplayed() throws IOException {
    for (String head : CORPUS.texts()) {
      assertNeverFails(head);
    }
    assertThat(CORPUS.texts()).hasSizeGreaterThan(15);
  }

  @Property(tries = 2000, shrinking = ShrinkingMode.OFF)
  void mutantsNeverFail(@ForAll long seed) throws IOException {
    assertNeverFails(CORPUS.mutant(seed));
  }

  private static void assertNeverFails(String head) throws IOException {
    upstream.clearRequests();
    List<Integer> statuses = statuses(send(head));
    String text = Corpus.escape(head);
    if (statuses.isEmpty()) { // cut off before it was read, or HTTP/0.9: by a server that lives on
      assertThat(statuses(send(SOUND))).as("after %s", text).containsExactly(200);
    }
    assertThat(statuses)
        .as(text)
        .allMatch(status -> status < 500 || NOT_IMPLEMENTED.contains(status));
    if (!statuses.isEmpty()
        && statuses.stream().allMatch(status -> status == 400 || status == 405)) {
      assertThat(upstream.requests(r -> !r.path().equals("/v2/"))).as(text).isEmpty();
    }
  }

  private static List<Integer> statuses(String answer) {
    return STATUS
        .matcher(answer)
        .results()
        .map(MatchResult::group)
        .map(line -> Integer.parseInt(line.substring(line.length() - 3)))
        .toList();
  }

  private static String send(String head) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(30_000);
      return answer(socket, head);
    }
  }

  /**
   * The answer; empty if the server closed the connection before it read the request. If no server
   * listens, the test fails.
   */
  private static String answer(Socket socket, String head) throws IOException {
    try {
      socket.getOutputStream().write((head + "\r\n\r\n").getBytes(ISO_8859_1));
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    } catch (SocketException e) {
      return "";
    }
  }
}
