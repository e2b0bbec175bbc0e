package io.entrepot.servers.containers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * Open Liberty with docs/servers/liberty/server.xml. The whole Web Profile runs beside it, since
 * its parts are what an application of one's own libraries may come across.
 */
final class LibertyInstallation implements Installation {
  private static final Path CONF = Path.of("docs/servers/liberty");
  private static final Path TEST_CONF = Path.of("src/test/servers/liberty");
  private static final String SERVER = "servers/entrepot/";

  private final Place place;
  private final Script script;

  LibertyInstallation(Place place) {
    this.place = place;
    this.script = new Script(place.base(), Map.of("WLP_USER_DIR", place.base().toString()));
  }

  @Override
  public void start() throws IOException {
    place.clear();
    place.put(CONF.resolve("server.xml"), SERVER + "server.xml");
    place.put(TEST_CONF.resolve("test.xml"), SERVER + "configDropins/overrides/test.xml");
    place.putLibraryOf(org.postgresql.Driver.class, "shared/resources/postgresql.jar");
    Files.createDirectories(place.base().resolve(SERVER + "apps"));
    var bootstrap = new Properties();
    bootstrap.putAll(place.values());
    bootstrap.put("registry.host", Place.HOST);
    bootstrap.put("registry.port", Integer.toString(port()));
    try (var out = Files.newBufferedWriter(place.base().resolve(SERVER + "bootstrap.properties"))) {
      bootstrap.store(out, null);
    }
    server("start");
  }

  @Override
  public void deploy(Path war) throws IOException {
    place.put(war, SERVER + "apps/entrepot.war");
    place.awaitServed(true, port());
  }

  @Override
  public void undeploy() throws IOException {
    Files.delete(place.base().resolve(SERVER + "apps/entrepot.war"));
    place.awaitServed(false, port());
  }

  @Override
  public void stop() throws IOException {
    server("stop");
  }

  private void server(String what) throws IOException {
    script.run(List.of(place.home().resolve("bin/server").toString(), what, "entrepot"));
  }

  @Override
  public int port() {
    return place.port();
  }
}
