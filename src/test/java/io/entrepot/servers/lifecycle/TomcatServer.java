package io.entrepot.servers.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.logging.Logger;
import org.apache.catalina.Container;
import org.apache.catalina.Host;
import org.apache.catalina.core.StandardContext;
import org.apache.catalina.core.StandardHost;
import org.apache.catalina.deploy.NamingResourcesImpl;
import org.apache.catalina.startup.ContextConfig;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.ContextEnvironment;

/** An embedded Tomcat, set up as Tomcat's own defaults are. */
final class TomcatServer implements WarServer {
  private final Tomcat tomcat = new Tomcat();
  private final Path war;

  TomcatServer(Path folder, Path war) throws Exception {
    this.war = war;
    tomcat.setBaseDir(folder.toString());
    tomcat.enableNaming();
    tomcat.setPort(0);
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    StandardHost other = new StandardHost();
    other.setName("127.0.0.1");
    tomcat.getHost();
    tomcat.getEngine().addChild(other);
    for (Container host : List.of(tomcat.getHost(), other)) {
      Path webapps = Files.createDirectories(folder.resolve("webapps-" + host.getName()));
      ((Host) host).setAppBase(webapps.toString());
    }
    // Else a thread of Tomcat's that looks after the application may seem to be the application's.
    tomcat.getEngine().setBackgroundProcessorDelay(-1);
    tomcat.start();
  }

  StandardHost host(String name) {
    return (StandardHost) tomcat.getEngine().findChild(name);
  }

  @Override
  public Deployed deploy(String hostName, Map<String, String> settings) {
    return deploy(hostName, settings, resources -> {});
  }

  /**
   * As {@link #deploy(String, Map)}, with more in JNDI than texts.
   *
   * @throws IllegalStateException with the message that this server's log has when it fails
   */
  Deployed deploy(
      String hostName, Map<String, String> settings, Consumer<NamingResourcesImpl> more) {
    StandardHost host = host(hostName);
    StandardContext context = new StandardContext();
    context.setName("");
    context.setPath("");
    context.setDocBase(war.toString());
    context.setParentClassLoader(new ServerClasses());
    context.addLifecycleListener(new ContextConfig());
    settings.forEach(
        (key, value) -> context.getNamingResources().addEnvironment(environment(key, value)));
    more.accept(context.getNamingResources());
    try (Complaints complaints = new Complaints(hostName)) {
      host.addChild(context);
      if (!context.getState().isAvailable()) {
        host.removeChild(context);
        throw new IllegalStateException(complaints.only());
      }
    }
    int port = tomcat.getConnector().getLocalPort();
    return new Deployed() {
      @Override
      public URI uri() {
        return URI.create("http://" + hostName + ":" + port);
      }

      @Override
      public ClassLoader classLoader() {
        return context.getLoader().getClassLoader();
      }

      @Override
      public void undeploy() {
        host.removeChild(context);
      }
    };
  }

  /** What the log of a host's application gets to hear of exceptions. */
  private static final class Complaints implements AutoCloseable {
    private final List<String> messages = new CopyOnWriteArrayList<>();
    private final Logger log;

    Complaints(String host) {
      log = Logger.getLogger("org.apache.catalina.core.ContainerBase.[Tomcat].[" + host + "].[/]");
      log.setFilter(
          line -> {
            if (line.getThrown() != null) {
              messages.add(String.valueOf(line.getThrown().getMessage()));
            }
            return true;
          });
    }

    String only() {
      assertThat(messages).hasSize(1);
      return messages.get(0);
    }

    @Override
    public void close() {
      log.setFilter(null);
    }
  }

  private static ContextEnvironment environment(String key, String value) {
    ContextEnvironment environment = new ContextEnvironment();
    environment.setName("entrepot/" + key.replace('.', '/'));
    environment.setType("java.lang.String");
    environment.setValue(value);
    environment.setOverride(false);
    return environment;
  }

  @Override
  public void close() throws Exception {
    tomcat.stop();
    tomcat.destroy();
  }

  @Override
  public String toString() {
    return "Tomcat";
  }
}
