package io.entrepot.launch;

import java.nio.file.Path;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.webresources.StandardRoot;

/**
 * The files of the application, which stay open until it stops. Tomcat closes its archives and
 * opens them again when a class is needed. A cleaner of temporary folders may have deleted them by
 * then (F29); an open file remains readable.
 */
final class HeldResources extends StandardRoot {
  private static final String CLASSES = "/WEB-INF/classes";

  /** Nothing has this name, so that looking for it opens every archive. */
  private static final String NOTHING = "/nothing/at/all";

  private final Path classes;

  /**
   * Makes the resources of a folder with the unpacked application.
   *
   * @param classes the archive of its own classes
   */
  HeldResources(Path classes) {
    this.classes = classes;
  }

  @Override
  protected void startInternal() throws LifecycleException {
    createWebResourceSet(ResourceSetType.PRE, CLASSES, classes.toString(), null, "/");
    super.startInternal();
    var unused = getClassLoaderResource(NOTHING);
  }

  @Override
  protected void stopInternal() throws LifecycleException {
    super.gc();
    super.stopInternal();
  }

  /** Closes nothing. */
  @Override
  public void gc() {}
}
