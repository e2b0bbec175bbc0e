package io.entrepot.it;

import io.entrepot.fixture.FakeRegistry;
import java.io.File;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.importer.ZipImporter;
import org.jboss.shrinkwrap.api.spec.WebArchive;

/**
 * The packaged WAR as a server takes it: named ROOT, with the descriptor through which this server
 * gives JNDI settings. Tomcat's is the one that tomcat-conf/ offers; an archive may bring it along,
 * as the manager deploys nothing else.
 */
final class Deployments {
  /** The upstream of every deployment. It listens before the first one starts. */
  static final FakeRegistry UPSTREAM =
      FakeRegistry.start(Integer.parseInt(property("it.upstream.port")));

  private Deployments() {}

  static WebArchive root() {
    var war =
        ShrinkWrap.create(ZipImporter.class, "ROOT.war")
            .importFrom(new File(property("it.war")))
            .as(WebArchive.class);
    return switch (property("arquillian.launch")) {
      case "jetty-embedded" -> war.addAsWebInfResource("jetty-env.xml");
      case "jetty-home" -> war;
      default ->
          war.addAsManifestResource(
              new File("tomcat-conf/Catalina/localhost/ROOT.xml"), "context.xml");
    };
  }

  private static String property(String name) {
    var value = System.getProperty(name);
    if (value == null) {
      throw new IllegalStateException("no system property " + name + ": run by mvn verify");
    }
    return value;
  }
}
