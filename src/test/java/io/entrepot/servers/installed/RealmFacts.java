package io.entrepot.servers.installed;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.Base64;

/**
 * What holds where the users of a server's own realm log in: ann, who has the group that may pull.
 */
final class RealmFacts {
  private RealmFacts() {}

  /** Sends a GET. */
  interface Client {
    HttpResponse<byte[]> get(String path, String... headers) throws Exception;
  }

  /**
   * Asserts them.
   *
   * @param path a blob of a repository that the group of ann may pull
   * @param bytes the blob
   * @param forbidden a blob that is stored, by a repository that the group may not pull
   */
  static void assertHold(Client client, String path, byte[] bytes, String forbidden)
      throws Exception {
    HttpResponse<byte[]> nobody = client.get(path);
    assertThat(nobody.statusCode()).isEqualTo(401);
    assertThat(nobody.headers().firstValue("WWW-Authenticate")).isPresent();
    assertThat(client.get(path, login("ann", "wrong")).statusCode()).isEqualTo(401);
    assertThat(client.get("/v2/", login("stranger", ServersPage.PASSWORD)).statusCode())
        .isEqualTo(401);
    HttpResponse<byte[]> ann = client.get(path, login("ann", ServersPage.PASSWORD));
    assertThat(ann.statusCode()).as(new String(ann.body(), UTF_8)).isEqualTo(200);
    assertThat(ann.body()).isEqualTo(bytes);
    assertThat(ann.headers().allValues("Set-Cookie")).isEmpty();
    assertThat(client.get("/v2/", login("ann", ServersPage.PASSWORD)).statusCode()).isEqualTo(200);
    HttpResponse<byte[]> other = client.get(forbidden, login("ann", ServersPage.PASSWORD));
    assertThat(other.statusCode()).isEqualTo(403);
    assertThat(new String(other.body(), UTF_8)).startsWith("{\"errors\":[{\"code\":\"DENIED\"");
  }

  private static String[] login(String user, String password) {
    String pair = Base64.getEncoder().encodeToString((user + ":" + password).getBytes(UTF_8));
    return new String[] {"Authorization", "Basic " + pair};
  }
}
