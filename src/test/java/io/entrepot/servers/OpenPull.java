package io.entrepot.servers;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A GET whose headers have been read. The test reads the body as far and as fast as it wants. */
public final class OpenPull implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 60_000;
  private static final int SMALL_WINDOW = 4 << 10;

  private final Socket socket = new Socket();
  private final String head;
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();

  /** Sends the request and reads the headers. */
  public OpenPull(URI server, String path) throws IOException {
    this(InetAddress.getLoopbackAddress(), server, path, "");
  }

  /**
   * Sends the request from one of this machine's addresses.
   *
   * @param headers more headers, each with its end of line
   */
  public static OpenPull from(String address, URI server, String path, String headers)
      throws IOException {
    return new OpenPull(InetAddress.getByName(address), server, path, headers);
  }

  private OpenPull(InetAddress from, URI server, String path, String headers) throws IOException {
    // The kernel buffers little, so that the server notices a client that does not read.
    socket.setReceiveBufferSize(SMALL_WINDOW);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.bind(new InetSocketAddress(from, 0));
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getPort()));
    String request =
        "GET " + path + " HTTP/1.1\r\nHost: " + server.getHost() + "\r\n" + headers + "\r\n";
    socket.getOutputStream().write(request.getBytes(ISO_8859_1));
    head = readHead(socket.getInputStream());
  }

  private static String readHead(InputStream in) throws IOException {
    StringBuilder text = new StringBuilder();
    while (text.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("the connection ended after: " + text);
      }
      text.append((char) next);
    }
    return text.toString();
  }

  public int status() {
    return Integer.parseInt(head.split(" ", 3)[1]);
  }

  /** The first header of that name; empty if there is none. */
  public String header(String name) {
    Matcher matcher = Pattern.compile("(?im)^" + name + ": *(.*?)\r?$").matcher(head);
    return matcher.find() ? matcher.group(1) : "";
  }

  public long contentLength() {
    return Long.parseLong(header("Content-Length"));
  }

  /** Reads until the body is complete or the connection ends. Returns the whole body so far. */
  public byte[] read() throws IOException {
    byte[] chunk = new byte[1 << 16];
    try {
      while (body.size() < contentLength()) {
        int most = (int) Math.min(chunk.length, contentLength() - body.size());
        int n = socket.getInputStream().read(chunk, 0, most);
        if (n < 0) {
          break;
        }
        body.write(chunk, 0, n);
      }
    } catch (SocketTimeoutException e) {
      throw e;
    } catch (IOException reset) {
      // The connection may end in this way too.
    }
    return body.toByteArray();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
