package io.entrepot.servers.installed;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * What holds where the users of a server's own realm log in: ann, who has the group that may pull.
 */
final class RealmFacts {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private RealmFacts() {}

  private static HttpResponse<byte[]> get(URI server, String path, String... headers)
      throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(server.resolve(path)).timeout(PATIENCE);
    if (headers.length > 0) {
      request.headers(headers);
    }
    return CLIENT.send(request.build(), BodyHandlers.ofByteArray());
  }

  /** Asks for a token as containerd and others do: by a form, which may come in pieces. */
  private static HttpResponse<byte[]> post(URI server, String password, int pieces)
      throws Exception {
    String form = "grant_type=password&service=x&username=ann&password=" + password;
    List<byte[]> parts = new ArrayList<>();
    for (int i = 0; i < pieces; i++) {
      int from = form.length() * i / pieces;
      parts.add(form.substring(from, form.length() * (i + 1) / pieces).getBytes(UTF_8));
    }
    HttpRequest request =
        HttpRequest.newBuilder(server.resolve("/v2/token"))
            .timeout(PATIENCE)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(
                pieces == 1
                    ? BodyPublishers.ofByteArray(parts.get(0))
                    : BodyPublishers.ofByteArrays(parts))
            .build();
    return CLIENT.send(request, BodyHandlers.ofByteArray());
  }

  /**
   * Asserts them.
   *
   * @param path a blob of a repository that the group of ann may pull
   * @param bytes the blob
   * @param forbidden a blob that is stored, by a repository that the group may not pull
   */
  static void assertHold(URI server, String path, byte[] bytes, String forbidden) throws Exception {
    HttpResponse<byte[]> nobody = get(server, path);
    assertThat(nobody.statusCode()).isEqualTo(401);
    assertThat(nobody.headers().firstValue("WWW-Authenticate")).isPresent();
    assertTokensByForm(server);
    assertThat(get(server, path, login("ann", "wrong")).statusCode()).isEqualTo(401);
    assertThat(get(server, "/v2/", login("stranger", ServersPage.PASSWORD)).statusCode())
        .isEqualTo(401);
    HttpResponse<byte[]> ann = get(server, path, login("ann", ServersPage.PASSWORD));
    assertThat(ann.statusCode()).as(new String(ann.body(), UTF_8)).isEqualTo(200);
    assertThat(ann.body()).isEqualTo(bytes);
    assertThat(ann.headers().allValues("Set-Cookie")).isEmpty();
    assertThat(get(server, "/v2/", login("ann", ServersPage.PASSWORD)).statusCode()).isEqualTo(200);
    HttpResponse<byte[]> other = get(server, forbidden, login("ann", ServersPage.PASSWORD));
    assertThat(other.statusCode()).isEqualTo(403);
    assertThat(new String(other.body(), UTF_8)).startsWith("{\"errors\":[{\"code\":\"DENIED\"");
    assertSession(server);
  }

  /** A user of the realm logs in on the web pages, and has no cookie but ours. */
  private static void assertSession(URI server) throws Exception {
    HttpResponse<byte[]> wrong = begin(server, "wrong");
    assertThat(wrong.statusCode()).isEqualTo(401);
    assertThat(wrong.headers().allValues("WWW-Authenticate"))
        .containsExactly("Session realm=\"/api/session\"");
    HttpResponse<byte[]> begun = begin(server, ServersPage.PASSWORD);
    assertThat(begun.statusCode()).as(new String(begun.body(), UTF_8)).isEqualTo(200);
    List<String> cookies = begun.headers().allValues("Set-Cookie");
    assertThat(cookies).hasSize(1);
    assertThat(cookies.get(0))
        .matches("entrepot-session=[\\w.-]+; Max-Age=3600; HttpOnly; SameSite=Strict");
    HttpResponse<byte[]> shown =
        get(server, "/api/session", "Cookie", cookies.get(0).replaceAll(";.*", ""));
    assertThat(new String(shown.body(), UTF_8))
        .contains("\"user\":\"container:ann\",\"inSession\":true");
  }

  private static HttpResponse<byte[]> begin(URI server, String password) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(server.resolve("/api/session"))
            .timeout(PATIENCE)
            .headers(login("ann", password))
            .headers("X-Requested-With", "XMLHttpRequest", "Sec-Fetch-Site", "same-origin")
            .POST(BodyPublishers.noBody())
            .build();
    return CLIENT.send(request, BodyHandlers.ofByteArray());
  }

  /** The form is read as it comes, and then the realm is asked for the user that it names. */
  private static void assertTokensByForm(URI server) throws Exception {
    for (int pieces : new int[] {1, 7}) {
      HttpResponse<byte[]> given = post(server, ServersPage.PASSWORD, pieces);
      assertThat(given.statusCode()).as(new String(given.body(), UTF_8)).isEqualTo(200);
      assertThat(new String(given.body(), UTF_8)).startsWith("{\"token\":");
      assertThat(given.headers().allValues("Set-Cookie")).isEmpty();
    }
    HttpResponse<byte[]> wrong = post(server, "wrong", 1);
    assertThat(wrong.statusCode()).as(new String(wrong.body(), UTF_8)).isEqualTo(401);
  }

  private static String[] login(String user, String password) {
    String pair = Base64.getEncoder().encodeToString((user + ":" + password).getBytes(UTF_8));
    return new String[] {"Authorization", "Basic " + pair};
  }
}
