package io.entrepot.servers;

import io.entrepot.fixture.FakeProxy;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.FreePort;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.h2.tools.Server;

/**
 * The environment of a server under test: an upstream that requires an account, an HTTP proxy, and
 * a database. Each uses a free port. The server gets the addresses in the properties {@code
 * registry.*}, which the files of docs/servers/ use.
 */
public final class Site {
  /** The upstream. It issues tokens only for this account. */
  static final FakeRegistry UPSTREAM = FakeRegistry.start();

  static final FakeProxy PROXY;
  static final Duration TTL = Duration.ofHours(36);

  static {
    Map<String, String> values = new TreeMap<>();
    values.put("registry.upstream", UPSTREAM.uri().toString());
    values.put("registry.username", "puller");
    values.put("registry.password", "for-tests-only");
    values.put("registry.ttl", TTL.toHours() + "h");
    try {
      PROXY = FakeProxy.start();
      values.put("registry.outbound.host", "127.0.0.1");
      values.put("registry.outbound.port", Integer.toString(PROXY.port()));
      values.putAll(property("it.database").equals("postgresql") ? startPostgresql() : startH2());
    } catch (IOException | SQLException e) {
      throw new ExceptionInInitializerError(e);
    }
    values.forEach(System::setProperty);
    System.setProperty(
        "it.values",
        values.entrySet().stream()
            .map(value -> "-D" + value.getKey() + "=" + value.getValue())
            .collect(Collectors.joining(" ")));
    UPSTREAM
        .requireTokens()
        .user(property("registry.username"), property("registry.password"))
        .refuseAnonymous();
  }

  private Site() {}

  /**
   * Starts all of it, if it does not run yet, and sets the properties: {@code registry.*} for a
   * server in this JVM, and {@code it.values} with options for one that has its own.
   */
  public static void open() {}

  /** Ends with this JVM. */
  private static Map<String, String> startPostgresql() throws IOException {
    int port = FreePort.find();
    var unused =
        EmbeddedPostgres.builder().setPGStartupWait(Duration.ofMinutes(1)).setPort(port).start();
    return Map.of(
        "registry.database.driver", "org.postgresql.Driver",
        "registry.database.url", "jdbc:postgresql://127.0.0.1:" + port + "/postgres",
        "registry.database.user", "postgres",
        "registry.database.password", "postgres");
  }

  /** Ends with this JVM. */
  private static Map<String, String> startH2() throws SQLException {
    Server server = Server.createTcpServer("-tcpPort", "0", "-ifNotExists").start();
    return Map.of(
        "registry.database.driver", "org.h2.Driver",
        "registry.database.url",
            "jdbc:h2:tcp://127.0.0.1:" + server.getPort() + "/mem:entrepot;DB_CLOSE_DELAY=-1",
        "registry.database.user", "sa",
        "registry.database.password", "");
  }

  /** The storage folder that the server is configured with. */
  static Path storage() {
    return Path.of(property("registry.storage"));
  }

  /** A connection of the test to the server's database. */
  static Connection database() throws SQLException {
    return DriverManager.getConnection(
        property("registry.database.url"),
        property("registry.database.user"),
        property("registry.database.password"));
  }

  static String property(String name) {
    var value = System.getProperty(name);
    if (value == null) {
      throw new IllegalStateException("no system property " + name + ": run by mvn verify");
    }
    return value;
  }
}
