package io.entrepot.servers;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.util.regex.Pattern;

/** A client that sends a request target as it is, and sees how the connection ends. Stateless. */
record RawClient(String host, int port) {
  private static final int TIMEOUT_MS = 20_000;
  private static final Pattern HEAD =
      Pattern.compile("HTTP/1\\.1 (?<status>\\d{3}).*?\r\n\r\n", Pattern.DOTALL);
  private static final Pattern CONTENT_LENGTH =
      Pattern.compile("(?im)^Content-Length: *(?<length>\\d+)");

  static RawClient of(URI server) {
    return new RawClient(server.getHost(), server.getPort());
  }

  /**
   * Everything the server sent before it closed the connection.
   *
   * @param status the status code of the answer
   * @param contentLength what the answer promised, −1 if nothing
   * @param bodyLength what came
   */
  record Answer(int status, long contentLength, long bodyLength) {}

  Answer get(String target) throws IOException {
    return send(target, "Connection: close\r\n");
  }

  /** Sends a request that keeps the connection open, so that only a failure closes it. */
  Answer getKeptAlive(String target) throws IOException {
    return send(target, "");
  }

  private Answer send(String target, String header) throws IOException {
    try (var socket = new Socket(host, port)) {
      socket.setSoTimeout(TIMEOUT_MS);
      var request =
          "GET %s HTTP/1.1\r\nHost: %s:%d\r\n%s\r\n".formatted(target, host, port, header);
      socket.getOutputStream().write(request.getBytes(ISO_8859_1));
      return parse(readToEnd(socket));
    }
  }

  /** Reads until the connection is closed or reset. A timeout is an error. */
  private static String readToEnd(Socket socket) throws IOException {
    var received = new StringBuilder();
    var buffer = new byte[1 << 16];
    try {
      for (int n; (n = socket.getInputStream().read(buffer)) >= 0; ) {
        received.append(new String(buffer, 0, n, ISO_8859_1));
      }
    } catch (SocketTimeoutException e) {
      throw e;
    } catch (IOException reset) {
      return received.toString();
    }
    return received.toString();
  }

  private static Answer parse(String received) {
    var head = HEAD.matcher(received);
    if (!head.lookingAt()) {
      throw new AssertionError("no complete header in: " + received);
    }
    var contentLength = CONTENT_LENGTH.matcher(head.group());
    return new Answer(
        Integer.parseInt(head.group("status")),
        contentLength.find() ? Long.parseLong(contentLength.group("length")) : -1,
        received.length() - head.end());
  }
}
