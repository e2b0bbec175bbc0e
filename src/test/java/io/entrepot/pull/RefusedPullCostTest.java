package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import at.favre.lib.crypto.bcrypt.BCrypt;
import io.entrepot.boot.TestServer;
import io.entrepot.cache.DatabaseLog;
import io.entrepot.database.TestDatabase;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.oci.Digest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a refusal costs: nothing that depends on whether the thing is here. So its time tells
 * nothing either (S31).
 */
class RefusedPullCostTest {
  @TempDir Path folder;
  private final DatabaseLog log = new DatabaseLog();

  @Test
  void refusalAsksNeitherCatalogNorUpstream() throws Exception {
    Path users = folder.resolve("users");
    String hash = BCrypt.withDefaults().hashToString(4, "ann-pw".toCharArray());
    Files.writeString(users, "ann:" + hash + "\n");
    try (FakeRegistry upstream = FakeRegistry.start();
        TestDatabase database = TestDatabase.open(Files.createDirectory(folder.resolve("db")));
        TestServer server =
            new TestServer.Builder(folder, upstream.uri())
                .database(log.watch(database.dataSource()))
                .set("auth.htpasswd.path", users.toString())
                .set("access", "anonymous pull public/*, user:ann pull **")
                .start()) {
      Digest blob = upstream.putBlob("secret/app", "bytes".getBytes(UTF_8));
      String ann = "Basic YW5uOmFubi1wdw==";
      String path = "/v2/secret/app/blobs/" + blob;
      assertThat(server.get(path, "Authorization", ann).statusCode()).isEqualTo(200);
      assertThat(statements()).as("the catalog is asked for who may pull").isPositive();
      upstream.clearRequests();
      log.clear();

      for (String name : List.of("secret/app", "secret/non")) {
        for (String rest : List.of("blobs/" + blob, "manifests/v1", "tags/list")) {
          assertThat(server.get("/v2/" + name + "/" + rest).statusCode()).isEqualTo(401);
        }
      }

      assertThat(statements()).isZero();
      assertThat(upstream.requests()).isEmpty();
    }
  }

  /** Those for clients: leases and chores have threads of their own. */
  private long statements() {
    return log.all().stream()
        .filter(
            one -> one.thread().startsWith("entrepot-lookup") || one.thread().startsWith("http-"))
        .count();
  }
}
