package io.entrepot.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import at.favre.lib.crypto.bcrypt.BCrypt;
import io.entrepot.boot.TestServer;
import io.entrepot.fixture.FakeRegistry;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The web pages as files: which there are, how they are sent, and to whom. */
class UiTest {
  private static final Path FILES = Path.of("src/main/webapp/WEB-INF/ui");
  private static final String PASSWORD = "ops-pw";

  /** What the pages and the chart library may take together, in bytes. */
  private static final int MOST = 150 * 1024;

  @TempDir static Path folder;
  private static FakeRegistry upstream;
  private static TestServer server;

  @BeforeAll
  static void start() throws IOException {
    upstream = FakeRegistry.start();
    String hash = BCrypt.withDefaults().hashToString(4, PASSWORD.toCharArray());
    Path users = Files.writeString(folder.resolve("users"), "ops:" + hash + "\nann:" + hash + "\n");
    server =
        new TestServer.Builder(folder, upstream.uri())
            .set("auth.htpasswd.path", users.toString())
            .set("access", "user:ops pull,view,manage **, user:ann pull,view public/*")
            .start();
  }

  @AfterAll
  static void stop() {
    server.close();
    upstream.close();
  }

  private static String login(String user) {
    String pair = user + ":" + PASSWORD;
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8));
  }

  private static HttpResponse<byte[]> get(String path, String... headers) {
    String[] all = new String[headers.length + 2];
    System.arraycopy(headers, 0, all, 2, headers.length);
    all[0] = "Authorization";
    all[1] = login("ops");
    return server.get(path, all);
  }

  private static String text(HttpResponse<byte[]> response) {
    return new String(response.body(), UTF_8);
  }

  @Test
  void browserIsLedFromTheRootToThePages() {
    HttpResponse<byte[]> root = server.get("/", "Accept", "text/html,*/*;q=0.8");
    assertThat(root.statusCode()).isEqualTo(302);
    assertThat(root.headers().firstValue("Location")).hasValue("ui/");
    assertThat(root.body()).isEmpty();
    HttpResponse<byte[]> folderOfPages = get("/ui");
    assertThat(folderOfPages.statusCode()).isEqualTo(302);
    assertThat(folderOfPages.headers().firstValue("Location")).hasValue("ui/");
  }

  @Test
  void rootIsNoEndpointForRegistryClients() {
    HttpResponse<byte[]> root = server.get("/", "Accept", "application/json");
    assertThat(root.statusCode()).isEqualTo(404);
    assertThat(text(root)).contains("is not an endpoint of the registry API");
  }

  @Test
  void firstPageAllowsNothingFromElsewhere() {
    HttpResponse<byte[]> page = get("/ui/");
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/html;");
    assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
        .contains("default-src 'none'")
        .contains("frame-ancestors 'none'")
        .doesNotContain("unsafe");
    assertThat(page.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
    assertThat(page.headers().firstValue("Referrer-Policy")).hasValue("no-referrer");
    assertThat(text(page)).contains("<title>Entrepot</title>").doesNotContain("http");
  }

  @Test
  void headHasTheHeadersOfGetAndNoBody() {
    HttpResponse<byte[]> head = server.head("/ui/app.js", "Authorization", login("ops"));
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    assertThat(head.headers().firstValue("Content-Length"))
        .hasValue(Integer.toString(get("/ui/app.js").body().length));
  }

  @Test
  void fileThatTheBrowserHoldsIsNotSentAgain() {
    String tag = get("/ui/style.css").headers().firstValue("ETag").orElseThrow();
    HttpResponse<byte[]> again = get("/ui/style.css", "If-None-Match", tag);
    assertThat(again.statusCode()).isEqualTo(304);
    assertThat(again.body()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /ui/nothing.js, 404",
    "GET, /ui/pages, 404",
    "GET, /ui/pages/, 404",
    "POST, /ui/, 405"
  })
  void whatIsNoPageIsRefused(String method, String path, int status) {
    HttpResponse<byte[]> refused = server.send(method, path, "Authorization", login("ops"));
    assertThat(refused.statusCode()).isEqualTo(status);
    assertThat(refused.headers().firstValue("Content-Type").orElseThrow()).contains("json");
  }

  @Test
  void pagesAreOpenAndWhatTheyShowIsNot() {
    assertThat(server.get("/ui/").statusCode()).isEqualTo(200);
    HttpResponse<byte[]> refused = server.get("/api/stats");
    assertThat(refused.statusCode()).isEqualTo(401);
    assertThat(refused.headers().firstValue("WWW-Authenticate").orElseThrow()).startsWith("Basic");
  }

  @Test
  void activityIsShownOnlyToWhoMayManage() {
    assertThat(server.get("/api/stats", "Authorization", "Basic AAAA").statusCode()).isEqualTo(401);
    HttpResponse<byte[]> shown = get("/api/activity");
    assertThat(shown.statusCode()).isEqualTo(200);
    assertThat(text(shown)).contains("\"action\":\"login\"", "\"outcome\":\"refused: ");
    assertThat(server.get("/api/activity", "Authorization", login("ann")).statusCode())
        .isEqualTo(403);
  }

  @Test
  void descriptionOfTheApiIsServed() throws IOException {
    HttpResponse<byte[]> description = get("/api/openapi.json");
    assertThat(description.statusCode()).isEqualTo(200);
    assertThat(description.headers().firstValue("Content-Type")).hasValue("application/json");
    assertThat(description.body())
        .isEqualTo(
            Files.readAllBytes(Path.of("src/main/resources/io/entrepot/admin/openapi.json")));
  }

  @Test
  void everyFileIsSentAndTogetherTheyAreSmall() throws IOException {
    int sum = 0;
    for (String name : files()) {
      HttpResponse<byte[]> sent = get("/ui/" + name);
      assertThat(sent.statusCode()).as(name).isEqualTo(200);
      assertThat(sent.body()).as(name).isEqualTo(Files.readAllBytes(FILES.resolve(name)));
      sum += sent.body().length;
    }
    for (String name : List.of("lib/uplot.js", "lib/uplot.css")) {
      sum += get("/ui/" + name).body().length;
    }
    assertThat(sum).isLessThan(MOST);
  }

  @Test
  void everyTextHasAnEnglishAndAGermanForm() throws IOException {
    Set<String> english = keys("text-en.js");
    assertThat(keys("text-de.js")).isEqualTo(english);
    for (String name : files()) {
      Matcher used =
          Pattern.compile("\\bt\\('([^']+)'(?= *[,)])")
              .matcher(Files.readString(FILES.resolve(name)));
      while (used.find()) {
        assertThat(english).as(name).contains(used.group(1));
      }
    }
  }

  private static Set<String> keys(String file) throws IOException {
    Set<String> keys = new TreeSet<>();
    Matcher line =
        Pattern.compile("(?m)^  '?([A-Za-z.]+)'?: '")
            .matcher(Files.readString(FILES.resolve(file)));
    while (line.find()) {
      assertThat(keys.add(line.group(1))).as(line.group()).isTrue();
    }
    return keys;
  }

  private static List<String> files() throws IOException {
    try (Stream<Path> files = Files.walk(FILES)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> FILES.relativize(file).toString())
          .toList();
    }
  }
}
