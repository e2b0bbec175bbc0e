package io.entrepot.launch;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.util.Arrays;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Objects;
import org.apache.catalina.WebResource;
import org.apache.catalina.loader.ParallelWebappClassLoader;
import org.jspecify.annotations.Nullable;

/**
 * The class loader of the application. The URLs of its resources read from the archives that {@link
 * HeldResources} keeps open. Tomcat's own URLs would open the file again, for example to find the
 * services of a library.
 */
final class HeldClassLoader extends ParallelWebappClassLoader {
  HeldClassLoader(ClassLoader parent) {
    super(parent);
  }

  @Override
  public @Nullable URL findResource(String name) {
    WebResource found = resources.getClassLoaderResource("/" + name);
    return found.exists() ? url(found) : null;
  }

  @Override
  public Enumeration<URL> findResources(String name) {
    WebResource[] found = resources.getClassLoaderResources("/" + name);
    return Collections.enumeration(
        Arrays.stream(found)
            .filter(WebResource::exists)
            .map(HeldClassLoader::url)
            .filter(Objects::nonNull)
            .toList());
  }

  private static @Nullable URL url(WebResource resource) {
    URL url = resource.getURL();
    if (url == null) {
      return null;
    }
    try {
      return new URL(null, url.toExternalForm(), new Reading(resource));
    } catch (MalformedURLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static final class Reading extends URLStreamHandler {
    private final WebResource resource;

    Reading(WebResource resource) {
      this.resource = resource;
    }

    @Override
    protected URLConnection openConnection(URL url) {
      return new URLConnection(url) {
        @Override
        public void connect() {}

        @Override
        public InputStream getInputStream() throws IOException {
          InputStream in = resource.getInputStream();
          if (in == null) {
            throw new FileNotFoundException(url.toString());
          }
          return in;
        }
      };
    }
  }
}
