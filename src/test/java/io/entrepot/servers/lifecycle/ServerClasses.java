package io.entrepot.servers.lifecycle;

import java.io.IOException;
import java.net.URL;
import java.util.Collections;
import java.util.Enumeration;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The class loader of the server under test: the servlet API and the server's classes. It hides all
 * other classes of the tests' class path, which also has the libraries of the WAR.
 */
final class ServerClasses extends ClassLoader {
  private static final String[] PACKAGES = {
    "jakarta.servlet.",
    "org.apache.catalina.",
    "org.apache.coyote.",
    "org.apache.jasper.",
    "org.apache.juli.",
    "org.apache.naming.",
    "org.apache.tomcat.",
    "org.eclipse.jetty.",
  };

  ServerClasses() {
    super(ClassLoader.getPlatformClassLoader());
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    if (!isServers(name)) {
      throw new ClassNotFoundException(name);
    }
    return ServerClasses.class.getClassLoader().loadClass(name);
  }

  @Override
  protected @Nullable URL findResource(String name) {
    return isServersResource(name) ? ServerClasses.class.getClassLoader().getResource(name) : null;
  }

  @Override
  protected Enumeration<URL> findResources(String name) throws IOException {
    return isServersResource(name)
        ? ServerClasses.class.getClassLoader().getResources(name)
        : Collections.emptyEnumeration();
  }

  private static boolean isServersResource(String name) {
    return name.equals("jndi.properties") || isServers(name.replace('/', '.'));
  }

  private static boolean isServers(String name) {
    return Stream.of(PACKAGES).anyMatch(name::startsWith);
  }
}
