package io.entrepot.servers;

import java.io.File;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.importer.ZipImporter;
import org.jboss.shrinkwrap.api.spec.WebArchive;

/** The packaged WAR for all servers: unchanged, with the name ROOT. */
final class Deployments {
  private Deployments() {}

  static WebArchive root() {
    var war =
        ShrinkWrap.create(ZipImporter.class, "ROOT.war")
            .importFrom(new File(Site.property("it.war")))
            .as(WebArchive.class);
    if (!Site.property("arquillian.launch").equals("jetty-embedded")) {
      return war;
    }
    EmbeddedJetty.bindDatabase();
    return EmbeddedJetty.withContext(war);
  }
}
