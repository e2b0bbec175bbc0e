package io.entrepot.servers;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;

/**
 * A client with a very small buffer that sends a request, reads a few bytes and then stops reading.
 */
final class SlowClient implements AutoCloseable {
  private static final int RECEIVE_BUFFER = 4 << 10;
  private static final int TIMEOUT_MS = 60_000;

  private final Socket socket;

  private SlowClient(Socket socket) {
    this.socket = socket;
  }

  static SlowClient ask(URI server, String path) throws IOException {
    var socket = new Socket();
    socket.setReceiveBufferSize(RECEIVE_BUFFER);
    socket.setSoTimeout(TIMEOUT_MS);
    socket.connect(new InetSocketAddress(server.getHost(), server.getPort()), TIMEOUT_MS);
    var request = "GET " + path + " HTTP/1.1\r\nHost: " + server.getAuthority() + "\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(ISO_8859_1));
    return new SlowClient(socket);
  }

  /** Waits until the answer has begun. */
  String statusLine() throws IOException {
    var line = new StringBuilder();
    for (int b; (b = socket.getInputStream().read()) != '\r' && b >= 0; ) {
      line.append((char) b);
    }
    return line.toString();
  }

  /** Leaves in the middle of the answer. */
  @Override
  public void close() throws IOException {
    socket.close();
  }
}
