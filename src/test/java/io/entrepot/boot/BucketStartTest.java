package io.entrepot.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.fixture.FakeS3;
import io.entrepot.fixture.Postgres;
import java.net.URI;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A bucket that cannot be used stops the deploy by a sentence with the setting, and is as before.
 */
class BucketStartTest {
  private static final URI NOBODY = URI.create("http://127.0.0.1:1");

  @TempDir Path folder;
  private FakeS3 service;

  @BeforeEach
  void start() throws Exception {
    service = new FakeS3();
  }

  @AfterEach
  void stop() {
    service.close();
  }

  private TestServer.Builder builder(String name) {
    return new TestServer.Builder(folder.resolve(name), NOBODY)
        .set("storage.s3.bucket", FakeS3.BUCKET)
        .set("storage.s3.endpoint", service.uri().toString())
        .set("storage.s3.pathstyle", "true")
        .set("storage.s3.accesskey", "key")
        .set("storage.s3.secretkey", "secret");
  }

  private TestServer.Builder onDatabase(String name) throws SQLException {
    String url = Postgres.newDatabase();
    return builder(name)
        .set("database.url", url.substring(0, url.indexOf('?')))
        .set("database.username", "postgres");
  }

  @Test
  void embeddedDatabaseIsNotEnough() {
    assertThatThrownBy(builder("h2")::wire)
        .isInstanceOf(StartException.class)
        .hasMessageStartingWith("storage.s3.bucket: a bucket needs a PostgreSQL");
    assertThat(service.requests).isEmpty();
  }

  @Test
  void prefixIsTakenOnceAndWrongSettingsWriteNothing() throws Exception {
    TestServer.Builder first = onDatabase("first");
    first.wire().close();
    assertThat(service.objects).containsOnlyKeys("owner");
    first.wire().close(); // its own
    Map<String, byte[]> before = Map.copyOf(service.objects);
    TestServer.Builder second = onDatabase("second");
    assertThatThrownBy(second::wire)
        .isInstanceOf(StartException.class)
        .hasMessageStartingWith("storage.s3.prefix: ")
        .hasMessageContaining("belongs to another database");
    assertThatThrownBy(second.set("storage.s3.bucket", "no-such")::wire)
        .isInstanceOf(StartException.class)
        .hasMessageStartingWith("storage.s3.bucket: there is no bucket no-such");
    assertThat(Map.copyOf(service.objects)).isEqualTo(before);
  }
}
