package io.entrepot.servers.lifecycle;

import java.net.URI;
import java.util.Map;

/** A server inside this JVM that takes the packaged WAR, each time in a class loader of its own. */
interface WarServer extends AutoCloseable {
  /**
   * Deploys the WAR at the root of a host.
   *
   * @param host {@code localhost} or {@code 127.0.0.1}, which are two hosts here
   * @param settings keys and their texts, given through JNDI
   */
  Deployed deploy(String host, Map<String, String> settings) throws Exception;

  @Override
  void close() throws Exception;

  /** One deployment. */
  interface Deployed {
    /** Where it answers, without a slash at the end. */
    URI uri();

    ClassLoader classLoader();

    /** Returns when the server has done all that it does. */
    void undeploy() throws Exception;
  }
}
