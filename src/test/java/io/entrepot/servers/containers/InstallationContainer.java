package io.entrepot.servers.containers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jboss.arquillian.container.spi.client.container.DeployableContainer;
import org.jboss.arquillian.container.spi.client.container.DeploymentException;
import org.jboss.arquillian.container.spi.client.container.LifecycleException;
import org.jboss.arquillian.container.spi.client.protocol.ProtocolDescription;
import org.jboss.arquillian.container.spi.client.protocol.metadata.HTTPContext;
import org.jboss.arquillian.container.spi.client.protocol.metadata.ProtocolMetaData;
import org.jboss.arquillian.container.spi.client.protocol.metadata.Servlet;
import org.jboss.shrinkwrap.api.Archive;
import org.jboss.shrinkwrap.api.exporter.ZipExporter;

/** An {@link Installation} as Arquillian sees it. */
public final class InstallationContainer implements DeployableContainer<InstallationConfiguration> {
  private Installation installation;

  @Override
  public Class<InstallationConfiguration> getConfigurationClass() {
    return InstallationConfiguration.class;
  }

  @Override
  public void setup(InstallationConfiguration configuration) {
    var place = configuration.place();
    installation =
        switch (configuration.kind()) {
          case "jetty" -> new JettyInstallation(place);
          case "liberty" -> new LibertyInstallation(place);
          case "payara" -> new PayaraInstallation(place);
          default -> throw new IllegalArgumentException(configuration.kind());
        };
  }

  @Override
  public ProtocolDescription getDefaultProtocol() {
    return new ProtocolDescription("Servlet 5.0");
  }

  @Override
  public void start() throws LifecycleException {
    try {
      installation.start();
    } catch (IOException e) {
      throw new LifecycleException(e.getMessage(), e);
    }
  }

  @Override
  public void stop() throws LifecycleException {
    try {
      installation.stop();
    } catch (IOException e) {
      throw new LifecycleException(e.getMessage(), e);
    }
  }

  @Override
  public ProtocolMetaData deploy(Archive<?> archive) throws DeploymentException {
    try {
      Path war = Files.createTempFile("entrepot", ".war");
      archive.as(ZipExporter.class).exportTo(war.toFile(), true);
      installation.deploy(war);
      Files.delete(war);
    } catch (IOException e) {
      throw new DeploymentException(e.getMessage(), e);
    }
    var http = new HTTPContext(Place.HOST, installation.port());
    http.add(new Servlet("registry", ""));
    return new ProtocolMetaData().addContext(http);
  }

  @Override
  public void undeploy(Archive<?> archive) throws DeploymentException {
    try {
      installation.undeploy();
    } catch (IOException e) {
      throw new DeploymentException(e.getMessage(), e);
    }
  }
}
