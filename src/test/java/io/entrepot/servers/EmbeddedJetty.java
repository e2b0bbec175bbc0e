package io.entrepot.servers;

import java.io.File;
import java.nio.file.Path;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.resource.ResourceFactory;
import org.eclipse.jetty.xml.XmlConfiguration;
import org.jboss.shrinkwrap.api.spec.WebArchive;

/** The files of jetty-conf/ for a Jetty that has neither a folder for them nor a start.jar. */
final class EmbeddedJetty {
  private static final Path DATABASE = Path.of("jetty-conf/database/etc/entrepot-database.xml");

  private EmbeddedJetty() {}

  /** The context's file goes into the archive, where Jetty looks for it as well. */
  static WebArchive withContext(WebArchive war) {
    return war.addAsWebInfResource(new File("jetty-conf/webapps/root.xml"), "jetty-env.xml");
  }

  /** Binds the database for the whole process, so it does not matter for which server. */
  static void bindDatabase() {
    try {
      var unused =
          new XmlConfiguration(ResourceFactory.root().newResource(DATABASE))
              .configure(new Server());
    } catch (Exception e) {
      throw new IllegalStateException(DATABASE + " cannot be used", e);
    }
  }
}
