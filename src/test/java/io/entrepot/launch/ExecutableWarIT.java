package io.entrepot.launch;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Gate;
import io.entrepot.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole application in {@code java -jar}, and what a SIGTERM does to it. */
@Timeout(120)
class ExecutableWarIT {
  private static final int SIZE = 3_000_000;

  @TempDir Path folder;
  private final FakeRegistry upstream = FakeRegistry.start();
  private final byte[] bytes = new byte[SIZE];

  @AfterEach
  void stop() {
    upstream.close();
  }

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

  @Test
  void pullThatTakesTooLongIsCutShortWithinTheLimit() throws Exception {
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
      // 3 s for the pull, and not once more for the application's own drain.
      assertThat(Duration.ofNanos(System.nanoTime() - begin))
          .isBetween(Duration.ofSeconds(3), Duration.ofSeconds(15));
      assertThat(launched.temporary()).isEmptyDirectory();
    }
  }

  private LaunchedProcess launch(String drain) throws IOException {
    return LaunchedProcess.jar(
        Path.of(System.getProperty("it.war")),
        folder,
        "--addr",
        "127.0.0.1:0",
        "--data",
        folder.resolve("data").toString(),
        "--set",
        "proxy.remoteurl=" + upstream.uri(),
        "--set",
        "storage.reserve=0",
        "--set",
        "http.draintimeout=" + drain);
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
      // As good an end of a connection as any.
    }
    return count;
  }
}
