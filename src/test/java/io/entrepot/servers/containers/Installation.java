package io.entrepot.servers.containers;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A server that is installed as docs/servers.md says and driven by its own scripts. Used by one
 * thread.
 */
sealed interface Installation permits JettyInstallation, LibertyInstallation, PayaraInstallation {
  /** Installs and starts the server, where it can run without an application. */
  void start() throws IOException;

  /** Returns when the application answers. */
  void deploy(Path war) throws IOException;

  /** Returns when the application is gone. */
  void undeploy() throws IOException;

  void stop() throws IOException;

  /** Where it listens, on the loopback, once it is started. */
  int port();
}
