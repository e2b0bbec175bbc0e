package io.entrepot.launch.limits;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.catalina.Context;
import org.apache.catalina.Wrapper;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.http11.Http11NioProtocol;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The limits of connections and of the time for headers, over sockets (S37, S41). */
@Timeout(60)
class LimitedEndpointTest {
  private static final String REQUEST = "GET /now HTTP/1.1\r\nHost: x\r\n\r\n";
  private static final String WAITING = "GET /later HTTP/1.1\r\nHost: x\r\n\r\n";
  private static final int LIMIT = 4;
  private static final int MAX = 100;

  /** Longer than a scan of the connections on a busy machine. */
  private static final Duration HEADER_TIMEOUT = Duration.ofSeconds(2);

  @TempDir Path folder;
  private final Tomcat tomcat = new Tomcat();
  private final List<Socket> sockets = new ArrayList<>();
  private final Queue<AsyncContext> unanswered = new ConcurrentLinkedQueue<>();
  private int limit = LIMIT;
  private LimitedEndpoint endpoint;

  @BeforeEach
  void start() throws Exception {
    endpoint = new LimitedEndpoint();
    endpoint.limitHeads(HEADER_TIMEOUT);
    endpoint.limitAddresses(address -> limit);
    Http11NioProtocol protocol = new Http11NioProtocol(endpoint);
    protocol.setAddress(InetAddress.getLoopbackAddress());
    protocol.setPort(0);
    protocol.setMaxConnections(MAX);
    protocol.setConnectionTimeout(30_000);
    tomcat.setBaseDir(folder.toString());
    Context context = tomcat.addContext("", null);
    Wrapper servlet = Tomcat.addServlet(context, "both", new Both());
    servlet.setAsyncSupported(true);
    servlet.addMapping("/*");
    tomcat.setConnector(new Connector(protocol));
    tomcat.start();
  }

  @AfterEach
  void stop() throws Exception {
    answerAll();
    for (Socket socket : sockets) {
      socket.close();
    }
    tomcat.stop();
    tomcat.destroy();
  }

  /** Answers {@code /now} at once, and {@code /later} when the test ends. */
  private final class Both extends HttpServlet {
    private static final long serialVersionUID = 1;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      if (request.getRequestURI().equals("/later")) {
        unanswered.add(request.startAsync());
      } else {
        response.setContentLength(2);
        response.getOutputStream().print("{}");
      }
    }
  }

  private Socket connect(String bytes) throws IOException {
    return connect(bytes, "127.0.0.1");
  }

  private Socket connect(String bytes, String from) throws IOException {
    Socket socket =
        new Socket(
            InetAddress.getLoopbackAddress(),
            endpoint.getLocalPort(),
            InetAddress.getByName(from),
            0);
    sockets.add(socket);
    socket.setSoTimeout(10_000);
    write(socket, bytes);
    return socket;
  }

  private static void write(Socket socket, String bytes) throws IOException {
    socket.getOutputStream().write(bytes.getBytes(US_ASCII));
  }

  /** The first line of an answer; empty if the connection is closed. */
  private static String answer(Socket socket) throws IOException {
    byte[] first = socket.getInputStream().readNBytes(12);
    return new String(first, US_ASCII);
  }

  private static boolean isOpen(Socket socket) throws IOException {
    socket.setSoTimeout(100);
    try {
      return socket.getInputStream().read() >= 0;
    } catch (SocketTimeoutException e) {
      return true;
    }
  }

  /** A byte now and then keeps Tomcat's own timeout from coming. */
  @Test
  void headersThatDripAreCutOffWhenTheirTimeIsOver() throws Exception {
    Socket slow = connect("GET /now HTTP/1.1\r\nHost: x\r\n");
    Socket waiting = connect(WAITING);
    Socket quick = connect(REQUEST);
    assertThat(answer(quick)).isEqualTo("HTTP/1.1 200");
    endpoint.closeOverdue();
    assertThat(isOpen(slow)).isTrue();
    long begun = System.nanoTime();
    while (isOpen(slow)) {
      write(slow, "X");
      endpoint.closeOverdue();
    }

    assertThat(Duration.ofNanos(System.nanoTime() - begun))
        .isLessThan(HEADER_TIMEOUT.plusSeconds(5));
    assertThat(isOpen(waiting)).as("its headers are complete").isTrue();
    write(quick, REQUEST);
    assertThat(isOpen(quick)).as("an idle connection has no headers yet").isTrue();
  }

  @Test
  void oldestConnectionWithoutARequestGivesWayToANewOne() throws Exception {
    Socket dripping = connect("GET /now HTTP/1.1\r\n");
    List<Socket> waiting = connectWaiting(LIMIT - 1);
    await().until(() -> endpoint.getConnections().size() == LIMIT);

    assertThat(answer(connect(REQUEST))).isEqualTo("HTTP/1.1 200");

    assertThat(isOpen(dripping)).isFalse();
    for (Socket each : waiting) {
      assertThat(isOpen(each)).isTrue();
    }
  }

  @Test
  void connectionIsRefusedWhileAllOthersHaveARequest() throws Exception {
    connectWaiting(LIMIT);

    Socket refused = connect("");
    assertThat(answer(refused)).isEqualTo("HTTP/1.1 429");
    String rest = new String(refused.getInputStream().readAllBytes(), US_ASCII);
    assertThat(rest)
        .contains("\r\nRetry-After: 1\r\n", "\r\nContent-Length: 88\r\n", "TOOMANYREQUESTS");
    assertThat(endpoint.getConnections()).hasSize(LIMIT);

    answerAll();
    await().until(() -> answer(connect(REQUEST)).equals("HTTP/1.1 200"));
  }

  @Test
  void addressWithoutALimitMayHaveAny() throws Exception {
    limit = 0;
    connectWaiting(3 * LIMIT);

    assertThat(answer(connect(REQUEST))).isEqualTo("HTTP/1.1 200");
  }

  @Test
  void oneAddressNeverHasAllConnections() throws Exception {
    limit = 1000;
    connectWaiting(MAX - 1);

    assertThat(answer(connect(""))).isEqualTo("HTTP/1.1 429");
    assertThat(answer(connect(REQUEST, "127.0.0.2"))).isEqualTo("HTTP/1.1 200");
  }

  /** Each address is below its limit. */
  @Test
  void connectionsWithoutARequestOfManyAddressesKeepNobodyOut() throws Exception {
    limit = MAX / 10;
    for (int i = 0; i < MAX + 10; i++) {
      connect("GET /now HTTP/1.1\r\n", "127.0.1." + i % 20);
    }

    assertThat(answerAfterRoomIsKept(connect(REQUEST))).isEqualTo("HTTP/1.1 200");
    assertThat(endpoint.getConnections().size()).isLessThanOrEqualTo(MAX);
  }

  /** They look like connections with a request until they have been idle for a while. */
  @Test
  void connectionsThatComeAllAtOnceKeepNobodyOutForLong() throws Exception {
    limit = MAX / 10;
    for (int i = 0; i < MAX; i++) {
      connect("", "127.0.1." + i % 20);
    }
    await().until(() -> endpoint.getConnections().size() == MAX);

    assertThat(answerAfterRoomIsKept(connect(REQUEST))).isEqualTo("HTTP/1.1 200");
  }

  private String answerAfterRoomIsKept(Socket socket) throws IOException {
    await()
        .until(
            () -> {
              endpoint.keepRoom();
              return socket.getInputStream().available() > 0;
            });
    return answer(socket);
  }

  private void answerAll() {
    for (AsyncContext each; (each = unanswered.poll()) != null; ) {
      each.complete();
    }
  }

  private List<Socket> connectWaiting(int count) throws IOException {
    List<Socket> waiting = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      waiting.add(connect(WAITING));
    }
    await().until(() -> unanswered.size() >= count);
    return waiting;
  }
}
