package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/** A client that sends one request, has a very small buffer, and reads when a test tells it to. */
final class PullSocket implements AutoCloseable {
  private static final int BUFFER = 4 << 10;
  private static final int TIMEOUT_MS = 60_000;

  private final Socket socket = new Socket();
  private final InputStream in;

  PullSocket(int port, String path) throws IOException {
    socket.setReceiveBufferSize(BUFFER);
    socket.setSoTimeout(TIMEOUT_MS);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MS);
    String request = "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(ISO_8859_1));
    in = socket.getInputStream();
  }

  /** The status line and headers, without the empty line. */
  String head() throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int b = in.read();
      if (b < 0) {
        throw new IOException("it ended after: " + head);
      }
      head.append((char) b);
    }
    return head.toString();
  }

  /** All bytes until the connection ends in any way. */
  byte[] rest() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] buffer = new byte[2 * BUFFER];
    try {
      for (int n; (n = in.read(buffer)) > 0; ) {
        all.write(buffer, 0, n);
      }
    } catch (IOException e) {
      return all.toByteArray();
    }
    return all.toByteArray();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
