package io.entrepot.servers.containers;

import io.entrepot.fixture.FreePort;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Payara with docs/servers/payara/glassfish-resources.xml, in a domain of its own. */
final class PayaraInstallation implements Installation {
  private static final Path CONF = Path.of("docs/servers/payara");
  private static final String DOMAIN = "entrepot";
  private static final String NETWORK = "configs.config.server-config.network-config.";
  private static final String HTTP = NETWORK + "protocols.protocol.http-listener-1.http.";
  private static final String TCP = NETWORK + "transports.transport.tcp.";

  // What a domain adds to its base port, for HTTP and for administration.
  private static final int HTTP_PORT = 80;
  private static final int ADMIN_PORT = 48;
  private static final int PORTS = 100;

  private final Place place;
  private final Script script;
  private final int base;

  PayaraInstallation(Place place) {
    this.place = place;
    this.script =
        new Script(
            place.base(),
            place.values().entrySet().stream()
                .collect(
                    Collectors.toMap(
                        e -> e.getKey().toUpperCase(Locale.ROOT).replace('.', '_'),
                        e -> e.getValue())));
    this.base = FreePort.findRow(PORTS);
  }

  @Override
  public void start() throws IOException {
    place.clear();
    asadmin(
        "create-domain",
        "--nopassword",
        "--domaindir",
        place.base().toString(),
        "--portbase",
        "" + base,
        "--checkports=false",
        DOMAIN);
    place.putLibraryOf(org.postgresql.Driver.class, DOMAIN + "/lib/postgresql.jar");
    asadmin("start-domain", "--domaindir", place.base().toString(), DOMAIN);
    asadmin("set", TCP + "socket-write-buffer-size=65536", HTTP + "http2-enabled=false");
    // Shorter than the test of the timeouts takes.
    asadmin("set", HTTP + "request-timeout-seconds=5", HTTP + "timeout-seconds=5");
    asadmin("add-resources", CONF.resolve("glassfish-resources.xml").toAbsolutePath().toString());
    asadmin("restart-domain", "--domaindir", place.base().toString(), DOMAIN);
  }

  @Override
  public void deploy(Path war) throws IOException {
    asadmin("deploy", "--name", DOMAIN, war.toString());
    place.awaitServed(true, port());
  }

  @Override
  public void undeploy() throws IOException {
    asadmin("undeploy", DOMAIN);
    place.awaitServed(false, port());
  }

  @Override
  public void stop() throws IOException {
    asadmin("stop-domain", "--domaindir", place.base().toString(), DOMAIN);
  }

  private void asadmin(String... arguments) throws IOException {
    var command = new ArrayList<String>();
    command.add(place.home().resolve("bin/asadmin").toString());
    command.addAll(List.of("--port", "" + (base + ADMIN_PORT)));
    command.addAll(List.of(arguments));
    script.run(command);
  }

  @Override
  public int port() {
    return base + HTTP_PORT;
  }
}
