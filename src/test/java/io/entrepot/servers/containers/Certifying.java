package io.entrepot.servers.containers;

import io.entrepot.fixture.FakeCertificate;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jboss.arquillian.core.api.annotation.Observes;
import org.jboss.arquillian.test.spi.event.suite.BeforeSuite;

/** Makes a certificate of its own for the server, before that is started. */
public final class Certifying {
  /** Containers are started by an observer of the same event, with precedence 0. */
  private static final int BEFORE_CONTAINERS = 100;

  public void certify(@Observes(precedence = BEFORE_CONTAINERS) BeforeSuite event)
      throws Exception {
    Path folder = Files.createDirectories(Path.of(System.getProperty("it.tls.folder")));
    Path made = Files.createTempDirectory("certificate");
    FakeCertificate.create(made, "server", "ip:127.0.0.1").install(folder);
  }
}
