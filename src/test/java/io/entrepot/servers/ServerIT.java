package io.entrepot.servers;

import io.entrepot.fixture.FakeRegistry;
import java.net.URI;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.arquillian.test.api.ArquillianResource;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** The base of the tests that run in each server: the deployed WAR, its address, and a client. */
@ExtendWith(ArquillianExtension.class)
abstract class ServerIT {
  static final FakeRegistry UPSTREAM = Site.UPSTREAM;

  /** A repository that is new for each test. */
  final Blobs blobs = new Blobs();

  @ArquillianResource URI server;
  ServerClient client;

  @Deployment(testable = false)
  static WebArchive war() {
    return Deployments.root();
  }

  @BeforeEach
  void open() {
    client = new ServerClient(server);
  }
}
