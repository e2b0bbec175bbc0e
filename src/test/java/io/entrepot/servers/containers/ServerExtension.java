package io.entrepot.servers.containers;

import io.entrepot.fixture.FreePort;
import io.entrepot.servers.Site;
import java.util.List;
import org.jboss.arquillian.container.spi.client.container.DeployableContainer;
import org.jboss.arquillian.core.spi.LoadableExtension;

/**
 * Prepares what Arquillian reads and starts: it opens the {@link Site} and names the ports before
 * arquillian.xml is read, offers our own container where it is asked for, since Arquillian wants
 * exactly one, and gives a certificate to a server that wants one.
 */
public final class ServerExtension implements LoadableExtension {
  @Override
  public void register(ExtensionBuilder builder) {
    Site.open();
    for (String port : List.of("it.http.port", "it.https.port", "it.jmx.port")) {
      System.setProperty(port, Integer.toString(FreePort.find()));
    }
    if (System.getProperty("arquillian.launch", "").startsWith("installed-")) {
      builder.service(DeployableContainer.class, InstallationContainer.class);
    }
    if (System.getProperty("it.tls.folder") != null) {
      builder.observer(Certifying.class);
    }
  }
}
