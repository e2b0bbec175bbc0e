/**
 * OCI error JSON for requests that a server refuses before the application sees them, and the end
 * of connections whose requests the application does not read. The executable WAR uses these
 * classes; an installed Tomcat or Jetty loads them from a folder of its own (tomcat-conf,
 * jetty-conf). So they use nothing but the JDK and that server.
 */
@org.jspecify.annotations.NullMarked
package io.entrepot.launch.errors;
