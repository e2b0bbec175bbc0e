package io.entrepot.servers;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A client that sends a request as it is, and sees all headers and how the connection ends.
 * Stateless.
 */
public record RawClient(String host, int port) {
  private static final int TIMEOUT_MS = 20_000;
  private static final Pattern HEAD =
      Pattern.compile("HTTP/1\\.1 (?<status>\\d{3}).*?\r\n\r\n", Pattern.DOTALL);

  public static RawClient of(URI server) {
    return new RawClient(server.getHost(), server.getPort());
  }

  /**
   * Everything the server sent before it closed the connection.
   *
   * @param status the status code of the answer
   * @param fields the values of each header field, by its name in any case
   * @param body what came after the header, as ISO-8859-1
   */
  public record Answer(int status, Map<String, List<String>> fields, String body) {
    /** The only value of a header; empty if there is none. */
    public String header(String name) {
      var values = fields.getOrDefault(name, List.of());
      if (values.size() > 1) {
        throw new AssertionError(name + " stands several times: " + values);
      }
      return values.isEmpty() ? "" : values.get(0);
    }

    /** The code of its OCI error. */
    String errorCode() throws IOException {
      return new ObjectMapper().readTree(body).at("/errors/0/code").asText();
    }

    /** What the answer promised, −1 if nothing. */
    long contentLength() {
      var value = header("Content-Length");
      return value.isEmpty() ? -1 : Long.parseLong(value);
    }

    long bodyLength() {
      return body.length();
    }
  }

  Answer get(String target) throws IOException {
    return send("GET", target);
  }

  /**
   * Sends a request that closes the connection after the answer.
   *
   * @param headers more header fields, each as {@code Name: value}
   */
  public Answer send(String method, String target, String... headers) throws IOException {
    var lines = Arrays.stream(headers).map(field -> field + "\r\n").collect(Collectors.joining());
    return sendLine(method + " " + target + " HTTP/1.1", "Connection: close\r\n" + lines);
  }

  /** Sends a request that keeps the connection open, so that only a failure closes it. */
  Answer getKeptAlive(String target) throws IOException {
    return sendLine("GET " + target + " HTTP/1.1", "");
  }

  private Answer sendLine(String line, String headers) throws IOException {
    try (var socket = new Socket(host, port)) {
      socket.setSoTimeout(TIMEOUT_MS);
      var request = "%s\r\nHost: %s:%d\r\n%s\r\n".formatted(line, host, port, headers);
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
    var fields =
        head.group()
            .lines()
            .skip(1)
            .filter(line -> !line.isEmpty())
            .map(line -> line.split(": *", 2))
            .collect(
                Collectors.groupingBy(
                    field -> field[0],
                    () -> new TreeMap<>(String.CASE_INSENSITIVE_ORDER),
                    Collectors.mapping(field -> field[1], Collectors.toList())));
    return new Answer(
        Integer.parseInt(head.group("status")), fields, received.substring(head.end()));
  }
}
