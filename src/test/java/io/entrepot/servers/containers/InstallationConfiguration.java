package io.entrepot.servers.containers;

import java.nio.file.Path;
import java.util.Properties;
import java.util.TreeMap;
import org.jboss.arquillian.container.spi.ConfigurationException;
import org.jboss.arquillian.container.spi.client.container.ContainerConfiguration;

/** What arquillian.xml says about an {@link Installation}; a bean, as Arquillian fills it. */
public final class InstallationConfiguration implements ContainerConfiguration {
  private static final String VALUES = "registry.";

  private String kind = "";
  private String home = "";
  private String base = "";
  private int port;

  /** Which server: {@code jetty}, {@code liberty} or {@code payara}. */
  public void setKind(String kind) {
    this.kind = kind;
  }

  /** The unpacked distribution. */
  public void setHome(String home) {
    this.home = home;
  }

  /** The folder that becomes the installation; what was there is replaced. */
  public void setBase(String base) {
    this.base = base;
  }

  /** The port to serve on. */
  public void setPort(int port) {
    this.port = port;
  }

  String kind() {
    return kind;
  }

  /** The place, and the properties of this process that are meant for the server. */
  Place place() {
    var values = new TreeMap<String, String>();
    Properties properties = System.getProperties();
    properties.stringPropertyNames().stream()
        .filter(name -> name.startsWith(VALUES))
        .forEach(name -> values.put(name, properties.getProperty(name)));
    return new Place(Path.of(home).toAbsolutePath(), Path.of(base).toAbsolutePath(), port, values);
  }

  @Override
  public void validate() throws ConfigurationException {
    if (kind.isEmpty() || home.isEmpty() || base.isEmpty()) {
      throw new ConfigurationException("kind, home and base are needed");
    }
  }
}
