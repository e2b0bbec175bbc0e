package io.entrepot.servers.containers;

import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.commons.io.FileUtils;

/**
 * Jetty with the files of jetty-conf/, as its README says. It deploys nothing while it runs, so
 * each deployment is an installation and a start of its own.
 */
final class JettyInstallation implements Installation {
  private static final Path CONF = Path.of("jetty-conf");
  private static final String LOGGING = "logging.properties";

  /** The classes that the README takes out of the WAR. */
  private static final String ERRORS = "io/entrepot/launch/errors";

  private static final Path CLASSES = Path.of("target/classes");
  private static final int STOP_SECONDS = 45;

  /** Shorter than the test of the timeouts takes. */
  private static final int IDLE_MS = 5_000;

  private final Place place;
  private final Script script;
  private Process process;

  JettyInstallation(Place place) {
    this.place = place;
    this.script = new Script(place.base(), Map.of());
  }

  @Override
  public void start() {}

  @Override
  public void deploy(Path war) throws IOException {
    place.clear();
    for (var folder : List.of("etc", "start.d", "webapps", "database/start.d", "database/etc")) {
      FileUtils.copyDirectory(
          CONF.resolve(folder).toFile(),
          place.base().resolve(folder.replace("database/", "")).toFile());
    }
    FileUtils.copyDirectory(
        CLASSES.resolve(ERRORS).toFile(),
        place.base().resolve("resources").resolve(ERRORS).toFile());
    place.put(CONF.resolve(LOGGING), LOGGING);
    Files.createDirectories(place.base().resolve("logs"));
    Files.createDirectories(place.base().resolve("work"));
    place.putLibraryOf(HikariDataSource.class, "lib/ext/HikariCP.jar");
    place.putLibraryOf(org.postgresql.Driver.class, "lib/ext/postgresql.jar");
    place.put(war, "webapps/root.war");
    process = script.start(command());
    try {
      place.awaitServed(true, port());
    } catch (IOException e) {
      process.destroyForcibly();
      throw script.failed(command(), e.getMessage());
    }
  }

  private List<String> command() {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx384m");
    command.add("-Djava.util.logging.config.file=" + LOGGING);
    place.values().forEach((name, value) -> command.add("-D" + name + "=" + value));
    command.addAll(List.of("-jar", place.home().resolve("start.jar").toString()));
    command.add("jetty.http.host=" + Place.HOST);
    command.add("jetty.http.port=" + port());
    command.add("jetty.http.idleTimeout=" + IDLE_MS);
    return command;
  }

  /** By SIGTERM, as a service manager does. */
  @Override
  public void undeploy() throws IOException {
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        throw script.failed(command(), "does not stop");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      process.destroyForcibly();
    }
  }

  @Override
  public void stop() {}

  @Override
  public int port() {
    return place.port();
  }
}
