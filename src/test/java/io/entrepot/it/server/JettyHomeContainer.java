package io.entrepot.it.server;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.io.FileUtils;
import org.jboss.arquillian.container.spi.client.container.DeployableContainer;
import org.jboss.arquillian.container.spi.client.container.DeploymentException;
import org.jboss.arquillian.container.spi.client.protocol.ProtocolDescription;
import org.jboss.arquillian.container.spi.client.protocol.metadata.HTTPContext;
import org.jboss.arquillian.container.spi.client.protocol.metadata.ProtocolMetaData;
import org.jboss.arquillian.container.spi.client.protocol.metadata.Servlet;
import org.jboss.shrinkwrap.api.Archive;
import org.jboss.shrinkwrap.api.exporter.ZipExporter;

/**
 * A Jetty distribution with the files of jetty-conf/, installed as its README says. It deploys
 * nothing while it runs, so each deployment is an installation and a start of its own.
 */
public final class JettyHomeContainer implements DeployableContainer<JettyHomeConfiguration> {
  private static final Path CONF = Path.of("jetty-conf");
  private static final String HOST = "127.0.0.1";

  private JettyHomeConfiguration configuration = new JettyHomeConfiguration();
  private ServerProcess process;

  @Override
  public Class<JettyHomeConfiguration> getConfigurationClass() {
    return JettyHomeConfiguration.class;
  }

  @Override
  public void setup(JettyHomeConfiguration configuration) {
    this.configuration = configuration;
  }

  @Override
  public ProtocolDescription getDefaultProtocol() {
    return new ProtocolDescription("Servlet 5.0");
  }

  @Override
  public ProtocolMetaData deploy(Archive<?> archive) throws DeploymentException {
    try {
      install(archive);
      var version = URI.create("http://" + HOST + ":" + configuration.port() + "/v2/");
      process = ServerProcess.start(command(), configuration.base(), version);
    } catch (IOException e) {
      throw new DeploymentException(e.getMessage(), e);
    }
    var http = new HTTPContext(HOST, configuration.port());
    http.add(new Servlet("registry", ""));
    return new ProtocolMetaData().addContext(http);
  }

  private void install(Archive<?> archive) throws IOException {
    var base = configuration.base();
    FileUtils.deleteDirectory(base.toFile());
    FileUtils.copyDirectory(CONF.toFile(), base.toFile());
    for (var folder : List.of("lib/ext", "logs", "work")) {
      Files.createDirectories(base.resolve(folder));
    }
    archive.as(ZipExporter.class).exportTo(base.resolve("webapps/root.war").toFile());
  }

  private List<String> command() {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(configuration.javaVmArguments()));
    command.addAll(List.of("-jar", configuration.home().resolve("start.jar").toString()));
    command.add("jetty.http.host=" + HOST);
    command.add("jetty.http.port=" + configuration.port());
    command.addAll(List.of(configuration.arguments()));
    return command;
  }

  @Override
  public void undeploy(Archive<?> archive) throws DeploymentException {
    try {
      process.stop();
    } catch (IOException e) {
      throw new DeploymentException(e.getMessage(), e);
    }
  }
}
