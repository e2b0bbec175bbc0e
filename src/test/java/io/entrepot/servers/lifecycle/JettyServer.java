package io.entrepot.servers.lifecycle;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.ee10.plus.webapp.EnvConfiguration;
import org.eclipse.jetty.ee10.plus.webapp.PlusConfiguration;
import org.eclipse.jetty.ee10.webapp.WebAppContext;
import org.eclipse.jetty.plus.jndi.EnvEntry;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.ContextHandlerCollection;

/** An embedded Jetty. */
final class JettyServer implements WarServer {
  private final Server server = new Server();
  private final ServerConnector connector = new ServerConnector(server);
  private final ContextHandlerCollection contexts = new ContextHandlerCollection();
  private final Path folder;
  private final Path war;

  JettyServer(Path folder, Path war) throws Exception {
    this.folder = folder;
    this.war = war;
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    server.setHandler(contexts);
    server.start();
  }

  @Override
  public Deployed deploy(String host, Map<String, String> settings) throws Exception {
    WebAppContext context = new WebAppContext();
    context.setContextPath("/");
    context.setWar(war.toString());
    context.setTempDirectory(Files.createTempDirectory(folder, "webapp").toFile());
    context.setClassLoader(new ServerClasses());
    context.setVirtualHosts(List.of(host));
    context.addConfiguration(new EnvConfiguration(), new PlusConfiguration());
    context.setThrowUnavailableOnStartupException(true);
    for (Map.Entry<String, String> each : settings.entrySet()) {
      new EnvEntry(context, "entrepot/" + each.getKey().replace('.', '/'), each.getValue(), true);
    }
    contexts.addHandler(context);
    context.start();
    return new Deployed() {
      @Override
      public URI uri() {
        return URI.create("http://" + host + ":" + connector.getLocalPort());
      }

      @Override
      public ClassLoader classLoader() {
        return context.getClassLoader();
      }

      @Override
      public void undeploy() throws Exception {
        context.stop();
        contexts.removeHandler(context);
        context.destroy();
      }
    };
  }

  @Override
  public void close() throws Exception {
    server.stop();
  }

  @Override
  public String toString() {
    return "Jetty";
  }
}
