package io.entrepot.servers;

import io.entrepot.fixture.FakeProxy;
import io.entrepot.fixture.FakeRegistry;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import org.h2.tools.Server;

/**
 * What a server finds where it is installed: an upstream that wants an account, an HTTP proxy on
 * the way to it, and a database. The properties {@code registry.*} name them to this class and,
 * through the files of docs/servers/, to the server.
 */
final class Site {
  /** It gives tokens for this account only, and listens before the first deployment starts. */
  static final FakeRegistry UPSTREAM =
      FakeRegistry.start(URI.create(property("registry.upstream")).getPort());

  static final FakeProxy PROXY;
  static final Duration TTL = Duration.ofHours(36);

  static {
    UPSTREAM
        .requireTokens()
        .user(property("registry.username"), property("registry.password"))
        .refuseAnonymous();
    try {
      PROXY = FakeProxy.start(Integer.parseInt(property("registry.outbound.port")));
      startDatabase(URI.create(property("registry.database.url").substring("jdbc:".length())));
    } catch (IOException | SQLException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private Site() {}

  /** Ends with this JVM. */
  private static void startDatabase(URI database) throws IOException, SQLException {
    if (database.getScheme().equals("postgresql")) {
      var unused =
          EmbeddedPostgres.builder()
              .setPGStartupWait(Duration.ofMinutes(1))
              .setPort(database.getPort())
              .start();
    } else {
      int port = URI.create(database.getSchemeSpecificPart()).getPort();
      var unused = Server.createTcpServer("-tcpPort", "" + port, "-ifNotExists").start();
    }
  }

  /** Where the server was told to keep its blobs. */
  static Path storage() {
    return Path.of(property("registry.storage"));
  }

  /** A connection of our own to the server's database. */
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
