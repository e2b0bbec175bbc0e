package io.entrepot.boot;

import jakarta.servlet.ServletContext;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The loading of all classes of the application ahead of their use: where there are no file
 * descriptors left to read one with, it would be lost to its class loader for good, and requests
 * fail until a restart although the shortage has passed (F6).
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
      log.debug("{} is not loaded ahead of its use", name, e);
      return 0;
    }
  }
}
