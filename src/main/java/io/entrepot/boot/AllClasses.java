package io.entrepot.boot;

import jakarta.servlet.ServletContext;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads all classes of the application before they are used. Without this, a class could be needed
 * first when the process has no free file descriptor. Its loading would fail, and the class loader
 * would never try again: requests would fail until a restart, although there are free descriptors
 * again (F6).
 */
final class AllClasses implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(AllClasses.class);
  private static final String ROOT = "/WEB-INF/classes/";
  private static final String SUFFIX = ".class";

  private final ServletContext context;

  AllClasses(ServletContext context) {
    this.context = context;
  }

  @Override
  public void run() {
    long begun = System.nanoTime();
    int loaded = load(ROOT + "io/entrepot/");
    log.debug("Loaded {} classes in {} ms", loaded, (System.nanoTime() - begun) / 1_000_000);
  }

  private int load(String folder) {
    Set<String> paths = context.getResourcePaths(folder);
    int loaded = 0;
    if (paths != null) {
      for (String path : paths) {
        loaded += path.endsWith("/") ? load(path) : loadOne(path);
      }
    }
    return loaded;
  }

  private static int loadOne(String path) {
    if (!path.endsWith(SUFFIX) || path.endsWith("-info" + SUFFIX)) {
      return 0;
    }
    String name = path.substring(ROOT.length(), path.length() - SUFFIX.length()).replace('/', '.');
    try {
      Class.forName(name, false, AllClasses.class.getClassLoader());
      return 1;
    } catch (ClassNotFoundException | LinkageError e) {
      log.debug("Class {} could not be loaded before its use", name, e);
      return 0;
    }
  }
}
