package io.entrepot.it.server;

import java.nio.file.Path;
import org.jboss.arquillian.container.spi.ConfigurationException;
import org.jboss.arquillian.container.spi.client.container.ContainerConfiguration;

/** What arquillian.xml says about a {@link JettyHomeContainer}; a bean, as Arquillian fills it. */
public final class JettyHomeConfiguration implements ContainerConfiguration {
  private String home = "";
  private String base = "";
  private int port;
  private String javaVmArguments = "";
  private String arguments = "";

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

  public void setJavaVmArguments(String javaVmArguments) {
    this.javaVmArguments = javaVmArguments;
  }

  /** Properties of start.jar, such as {@code jetty.http.idleTimeout=2000}. */
  public void setArguments(String arguments) {
    this.arguments = arguments;
  }

  Path home() {
    return Path.of(home).toAbsolutePath();
  }

  Path base() {
    return Path.of(base).toAbsolutePath();
  }

  int port() {
    return port;
  }

  String[] javaVmArguments() {
    return javaVmArguments.strip().split("\\s+");
  }

  String[] arguments() {
    return arguments.strip().split("\\s+");
  }

  @Override
  public void validate() throws ConfigurationException {
    if (home.isEmpty() || base.isEmpty() || port == 0) {
      throw new ConfigurationException("home, base and port are needed");
    }
  }
}
