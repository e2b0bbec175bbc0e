package io.entrepot.store.s3;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * An S3 service with one bucket in memory. It keeps conditional puts, verifies SHA-256 checksums,
 * records each request, and can fail in the ways that S3 does.
 */
final class FakeS3 implements AutoCloseable {
  static final String BUCKET = "goods";

  final NavigableMap<String, byte[]> objects = new ConcurrentSkipListMap<>();
  final NavigableMap<String, Upload> uploads = new ConcurrentSkipListMap<>();

  /** Each request: method, a blank, key or query. */
  final List<String> requests = new CopyOnWriteArrayList<>();

  /** When objects and uploads were made. */
  volatile Instant modified = Instant.now();

  private final Queue<Fault> faults = new ConcurrentLinkedQueue<>();
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();

  /** An upload in parts. */
  record Upload(String key, NavigableMap<Integer, byte[]> parts) {}

  /** What happens to one request. */
  sealed interface Fault {
    /** None. */
    record None() implements Fault {}

    /** An error answer instead of what was asked for. */
    record Answer(int status, String code) implements Fault {
      static final Answer SLOW_DOWN = new Answer(503, "SlowDown");
    }

    /** The body ends after so many bytes, without order. */
    record Cut(int bytes) implements Fault {}

    /** The first byte of the body is another one. */
    record Flip() implements Fault {}

    /** It is done, and the connection closed without an answer. */
    record Lost() implements Fault {}

    /** Nothing is answered. */
    record Silence() implements Fault {}
  }

  FakeS3() throws IOException {
    this(null);
  }

  FakeS3(@Nullable SSLContext tls) throws IOException {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    if (tls == null) {
      server = HttpServer.create(any, 0);
    } else {
      HttpsServer https = HttpsServer.create(any, 0);
      https.setHttpsConfigurator(new HttpsConfigurator(tls));
      server = https;
    }
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  URI uri() {
    String scheme = server instanceof HttpsServer ? "https" : "http";
    return URI.create(scheme + "://127.0.0.1:" + server.getAddress().getPort());
  }

  /** Forgets all. */
  void clear() {
    objects.clear();
    uploads.clear();
    faults.clear();
    requests.clear();
  }

  /** The next requests meet these faults, one each. */
  void fail(Fault... next) {
    faults.addAll(List.of(next));
  }

  /** How many requests have begun with this. */
  long count(String beginning) {
    return requests.stream().filter(request -> request.startsWith(beginning)).count();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] sent = exchange.getRequestBody().readAllBytes();
      String path = exchange.getRequestURI().getPath().substring(1);
      String bucket = path.contains("/") ? path.substring(0, path.indexOf('/')) : path;
      String key = path.substring(Math.min(path.length(), bucket.length() + 1));
      Map<String, String> query = query(exchange.getRequestURI().getRawQuery());
      String what = key.isEmpty() ? "?" + String.join("&", query.keySet()) : key;
      requests.add(exchange.getRequestMethod() + " " + what);
      Fault fault = faults.poll();
      Reply reply;
      if (fault instanceof Fault.Answer error) {
        reply = Reply.error(error.status(), error.code());
      } else if (fault instanceof Fault.Silence) {
        Thread.sleep(60_000);
        return;
      } else if (!bucket.equals(BUCKET)) {
        reply = Reply.error(404, "NoSuchBucket");
      } else {
        reply = reply(exchange, key, query, sent);
      }
      if (!(fault instanceof Fault.Lost)) {
        send(exchange, reply, fault);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Map<String, String> query(@Nullable String raw) {
    Map<String, String> query = new TreeMap<>();
    for (String pair : raw == null ? new String[0] : raw.split("&")) {
      int equals = pair.indexOf('=');
      query.put(
          equals < 0 ? pair : pair.substring(0, equals),
          equals < 0 ? "" : URLDecoder.decode(pair.substring(equals + 1), UTF_8));
    }
    return query;
  }

  @SuppressWarnings("ArrayRecordComponent") // replies are never compared
  private record Reply(int status, byte[] body, Map<String, String> headers) {
    static Reply error(int status, String code) {
      return xml(status, "Error", "<Code>" + code + "</Code><Message>no</Message>");
    }

    static Reply xml(int status, String root, String content) {
      String text = "<?xml version=\"1.0\"?><" + root + ">" + content + "</" + root + ">";
      return new Reply(status, text.getBytes(UTF_8), Map.of("Content-Type", "application/xml"));
    }
  }

  private static void send(HttpExchange exchange, Reply reply, @Nullable Fault fault)
      throws IOException {
    byte[] body = reply.body().clone();
    if (fault instanceof Fault.Flip) {
      body[0] ^= 1;
    }
    reply.headers().forEach(exchange.getResponseHeaders()::set);
    exchange.sendResponseHeaders(reply.status(), body.length == 0 ? -1 : body.length);
    if (body.length > 0) {
      try (OutputStream out = exchange.getResponseBody()) {
        if (fault instanceof Fault.Cut cut) {
          out.write(body, 0, cut.bytes());
          out.flush();
          exchange.close();
        } else {
          out.write(body);
        }
      }
    }
  }

  private Reply reply(HttpExchange exchange, String key, Map<String, String> query, byte[] sent) {
    String method = exchange.getRequestMethod();
    if (method.equals("PUT") && isCorrupt(exchange, sent)) {
      return Reply.error(400, "BadDigest");
    }
    if (key.isEmpty()) {
      return query.containsKey("uploads") ? listUploads(query) : list(query);
    }
    if (query.containsKey("uploads")) {
      String id = "u" + (uploads.size() + 1);
      uploads.put(id, new Upload(key, new TreeMap<>()));
      return Reply.xml(200, "InitiateMultipartUploadResult", "<UploadId>" + id + "</UploadId>");
    }
    String id = query.get("uploadId");
    if (id != null) {
      return ofUpload(exchange, id, query, sent);
    }
    return switch (method) {
      case "PUT" -> put(exchange, key, sent);
      case "DELETE" -> {
        objects.remove(key);
        yield new Reply(204, new byte[0], Map.of());
      }
      default -> get(exchange, key);
    };
  }

  private static boolean isCorrupt(HttpExchange exchange, byte[] sent) {
    String checksum = exchange.getRequestHeaders().getFirst("x-amz-checksum-sha256");
    try {
      byte[] own = MessageDigest.getInstance("SHA-256").digest(sent);
      return checksum == null || !Base64.getEncoder().encodeToString(own).equals(checksum);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private Reply put(HttpExchange exchange, String key, byte[] bytes) {
    boolean conditional = "*".equals(exchange.getRequestHeaders().getFirst("If-None-Match"));
    byte[] present = conditional ? objects.putIfAbsent(key, bytes) : objects.put(key, bytes);
    return conditional && present != null
        ? Reply.error(412, "PreconditionFailed")
        : new Reply(200, new byte[0], Map.of("ETag", "\"e\""));
  }

  private Reply ofUpload(
      HttpExchange exchange, String id, Map<String, String> query, byte[] bytes) {
    Upload upload = uploads.get(id);
    if (upload == null) {
      return Reply.error(404, "NoSuchUpload");
    }
    switch (exchange.getRequestMethod()) {
      case "PUT" -> {
        upload.parts().put(Integer.valueOf(query.get("partNumber")), bytes);
        return new Reply(200, new byte[0], Map.of("ETag", "\"p\""));
      }
      case "DELETE" -> {
        uploads.remove(id);
        return new Reply(204, new byte[0], Map.of());
      }
      default -> {
        byte[] whole = upload.parts().values().stream().reduce(new byte[0], FakeS3::joined);
        Reply put = put(exchange, upload.key(), whole);
        uploads.remove(id);
        return put.status() == 200
            ? Reply.xml(200, "CompleteMultipartUploadResult", "<ETag>\"e\"</ETag>")
            : put;
      }
    }
  }

  private static byte[] joined(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private Reply get(HttpExchange exchange, String key) {
    byte[] bytes = objects.get(key);
    if (bytes == null) {
      return Reply.error(404, "NoSuchKey");
    }
    String range = exchange.getRequestHeaders().getFirst("Range");
    if (range == null) {
      return new Reply(200, bytes, Map.of());
    }
    String[] ends = range.substring("bytes=".length()).split("-", 2);
    int first = Integer.parseInt(ends[0]);
    int last = ends[1].isEmpty() ? bytes.length - 1 : Integer.parseInt(ends[1]);
    last = Math.min(last, bytes.length - 1);
    return new Reply(
        206,
        Arrays.copyOfRange(bytes, first, last + 1),
        Map.of("Content-Range", "bytes " + first + "-" + last + "/" + bytes.length));
  }

  private Reply list(Map<String, String> query) {
    String prefix = query.getOrDefault("prefix", "");
    String after = query.getOrDefault("start-after", "");
    return Reply.xml(
        200,
        "ListBucketResult",
        objects.entrySet().stream()
            .filter(object -> object.getKey().startsWith(prefix))
            .filter(object -> object.getKey().compareTo(after) > 0)
            .map(
                object ->
                    "<Contents><Key>%s</Key><Size>%d</Size><LastModified>%s</LastModified></Contents>"
                        .formatted(object.getKey(), object.getValue().length, modified))
            .collect(Collectors.joining()));
  }

  private Reply listUploads(Map<String, String> query) {
    return Reply.xml(
        200,
        "ListMultipartUploadsResult",
        uploads.entrySet().stream()
            .filter(upload -> upload.getValue().key().startsWith(query.getOrDefault("prefix", "")))
            .map(
                upload ->
                    "<Upload><Key>%s</Key><UploadId>%s</UploadId><Initiated>%s</Initiated></Upload>"
                        .formatted(upload.getValue().key(), upload.getKey(), modified))
            .collect(Collectors.joining()));
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
