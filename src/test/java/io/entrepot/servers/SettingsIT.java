package io.entrepot.servers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.entrepot.oci.Digest;
import java.sql.ResultSet;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

/** Checks that each value of the files in docs/servers/ reaches the application through JNDI. */
class SettingsIT extends ServerIT {
  @Test
  void upstreamIsTheNamedOne() throws Exception {
    assertThat(json("/api/stats").get("upstream").asText())
        .isEqualTo(Site.property("registry.upstream"));
  }

  @Test
  void upstreamIsReachedThroughTheProxyOnly() throws Exception {
    var digest = pull(new byte[] {1, 2, 3});

    assertThat(Site.UPSTREAM.blobGets(digest)).hasSize(1);
    assertThat(Site.PROXY.heads())
        .isNotEmpty()
        .allSatisfy(head -> assertThat(head).contains(" " + Site.property("registry.upstream")));
    await()
        .untilAsserted(
            () ->
                assertThat(Site.UPSTREAM.acceptedConnections())
                    .isEqualTo(Site.PROXY.heads().size()));
  }

  @Test
  void upstreamSeesTheAccount() throws Exception {
    var account = Site.property("registry.username") + ":" + Site.property("registry.password");

    pull(new byte[] {1, 2, 3});

    assertThat(Site.UPSTREAM.tokenRequests())
        .isNotEmpty()
        .allSatisfy(
            request ->
                assertThat(request.header("Authorization"))
                    .isEqualTo(
                        "Basic " + Base64.getEncoder().encodeToString(account.getBytes(UTF_8))));
  }

  @Test
  void blobsLieInTheStorageFolder() throws Exception {
    var bytes = Blobs.bytes(1_000);

    var digest = pull(bytes);

    var hex = digest.toString().substring("sha256:".length());
    var file = Site.storage().resolve("blobs/sha256").resolve(hex.substring(0, 2)).resolve(hex);
    await().untilAsserted(() -> assertThat(file).hasBinaryContent(bytes));
  }

  @Test
  void linkLiesInTheDatabase() throws Exception {
    var digest = pull(Blobs.bytes(1_000));

    await()
        .untilAsserted(
            () ->
                assertThat(text("SELECT repository FROM link WHERE digest = ?", digest))
                    .isEqualTo("127.0.0.1/" + blobs.repository()));
  }

  @Test
  void leaseLiesInTheDatabaseAndEndsAfterTheTtl() throws Exception {
    var digest = pull(Blobs.bytes(1_000));

    await()
        .untilAsserted(
            () -> {
              var ends =
                  text("SELECT next_fire_time FROM qrtz_triggers WHERE trigger_name = ?", digest);
              assertThat(Instant.ofEpochMilli(Long.parseLong(ends)))
                  .isCloseTo(
                      Instant.now().plus(Site.TTL),
                      Assertions.within(Duration.ofMinutes(10).toSeconds(), ChronoUnit.SECONDS));
            });
  }

  @Test
  void apiIsAnsweredByOurOwnJersey() throws Exception {
    var stats = json("/api/stats");
    var nothing = client.get("/api/nothing");

    assertThat(stats.at("/held/blobs").isInt()).isTrue();
    assertThat(nothing.statusCode()).isEqualTo(404);
    assertThat(nothing.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    assertThat(new ObjectMapper().readTree(nothing.body()).get("status").asInt()).isEqualTo(404);
  }

  private Digest pull(byte[] bytes) throws Exception {
    var digest = blobs.put(bytes);
    var answer = client.get(blobs.path(digest));
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo(bytes);
    return digest;
  }

  private JsonNode json(String path) throws Exception {
    var answer = client.get(path);
    assertThat(answer.statusCode()).isEqualTo(200);
    return new ObjectMapper().readTree(answer.body());
  }

  private static String text(String sql, Digest digest) throws Exception {
    try (var connection = Site.database();
        var query = connection.prepareStatement(sql)) {
      query.setString(1, digest.toString());
      try (ResultSet rows = query.executeQuery()) {
        assertThat(rows.next()).as(sql).isTrue();
        return rows.getString(1);
      }
    }
  }
}
