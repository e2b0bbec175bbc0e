package io.entrepot.servers.containers;

import org.jboss.arquillian.container.spi.client.container.DeployableContainer;
import org.jboss.arquillian.core.spi.LoadableExtension;

/**
 * Offers our own container where it is asked for, since Arquillian wants exactly one, and gives a
 * certificate to a server that wants one.
 */
public final class ServerExtension implements LoadableExtension {
  @Override
  public void register(ExtensionBuilder builder) {
    if (System.getProperty("arquillian.launch", "").startsWith("installed-")) {
      builder.service(DeployableContainer.class, InstallationContainer.class);
    }
    if (System.getProperty("it.tls.folder") != null) {
      builder.observer(Certifying.class);
    }
  }
}
