package io.entrepot.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Filter;
import java.util.logging.Logger;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.LifecycleState;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.ContextEnvironment;
import org.apache.tomcat.util.descriptor.web.ContextResource;

/** An embedded Tomcat with JNDI, in which the cache is deployed as in web.xml. */
final class JndiTomcat implements AutoCloseable {
  private static final String URL_PACKAGES = "java.naming.factory.url.pkgs";
  private static final String INITIAL = "java.naming.factory.initial";

  /** The log in which an administrator sees why a deployment fails. */
  private static final Logger LOG =
      Logger.getLogger("org.apache.catalina.core.ContainerBase.[Tomcat].[localhost].[/]");

  private final Tomcat tomcat = new Tomcat();
  private final List<Throwable> thrown = new CopyOnWriteArrayList<>();
  private final Filter listener =
      line -> {
        if (line.getThrown() != null) {
          thrown.add(line.getThrown());
        }
        return false;
      };
  private final Context context;

  JndiTomcat(Path folder) throws IOException {
    LOG.setFilter(listener);
    tomcat.setBaseDir(Files.createDirectories(folder.resolve("tomcat")).toString());
    tomcat.setPort(0);
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    tomcat.enableNaming();
    context = tomcat.addContext("", null);
    context.addApplicationListener(EntrepotListener.class.getName());
    setting("storage/filesystem/rootdirectory", folder.resolve("data").toString());
    setting("storage/reserve", "0");
    setting("proxy/remoteurl", "http://127.0.0.1:1");
  }

  JndiTomcat setting(String name, String value) {
    return environment("entrepot/" + name, "java.lang.String", value);
  }

  /** As {@code <Environment>} in a context's XML. */
  JndiTomcat environment(String name, String type, String value) {
    ContextEnvironment entry = new ContextEnvironment();
    entry.setName(name);
    entry.setType(type);
    entry.setValue(value);
    context.getNamingResources().removeEnvironment(name);
    context.getNamingResources().addEnvironment(entry);
    return this;
  }

  /** As {@code <Resource>} in a context's XML, made by this factory. */
  JndiTomcat resource(String name, String type, Class<?> factory) {
    ContextResource resource = new ContextResource();
    resource.setName(name);
    resource.setType(type);
    resource.setAuth("Container");
    resource.setProperty("factory", factory.getName());
    context.getNamingResources().addResource(resource);
    return this;
  }

  JndiTomcat start() {
    try {
      tomcat.start();
      return this;
    } catch (LifecycleException e) {
      throw new IllegalStateException(e);
    }
  }

  boolean isDeployed() {
    return context.getState() == LifecycleState.STARTED;
  }

  /** The one message of a deployment that has failed. */
  String failure() {
    assertThat(thrown).hasSize(1);
    return String.valueOf(thrown.get(0).getMessage());
  }

  /** The status of a GET. */
  int get(String path) throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + tomcat.getConnector().getLocalPort() + path);
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString())
        .statusCode();
  }

  void undeploy() {
    try {
      context.stop();
    } catch (LifecycleException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    try {
      tomcat.stop();
      tomcat.destroy();
    } catch (LifecycleException e) {
      throw new IllegalStateException(e);
    } finally {
      System.clearProperty(URL_PACKAGES);
      System.clearProperty(INITIAL);
      LOG.setFilter(null);
    }
  }
}
