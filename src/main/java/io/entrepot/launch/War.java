package io.entrepot.launch;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;

/**
 * The WAR that this JVM was started with.
 *
 * @param file the path of the WAR, an existing file
 */
record War(Path file) {
  /**
   * The class with the table of all settings. It is in WEB-INF, where the launcher's class loader
   * cannot find it.
   */
  private static final String TABLE = "io.entrepot.config.SettingsTable";

  /** Finds the WAR. */
  static War running() throws LaunchException {
    CodeSource source = War.class.getProtectionDomain().getCodeSource();
    try {
      Path file = source == null ? null : Path.of(source.getLocation().toURI());
      if (file != null && Files.isRegularFile(file)) {
        return new War(file);
      }
    } catch (URISyntaxException e) {
      // Such a location is not a WAR; the exception below says so.
    }
    throw new LaunchException("not started from a WAR; run java -jar entrepot.war");
  }

  /** The version that stands in the manifest of the WAR. */
  static String version() {
    String version = War.class.getPackage().getImplementationVersion();
    return version == null ? "(development)" : version;
  }

  /** The list of all settings, formatted for a terminal. */
  String settingsHelp() {
    try (URLClassLoader inside = classes()) {
      return (String) inside.loadClass(TABLE).getMethod("help").invoke(null);
    } catch (IOException | ReflectiveOperationException e) {
      throw new IllegalStateException("cannot read the table of settings in " + file, e);
    }
  }

  private URLClassLoader classes() throws IOException {
    URL classes = URI.create("jar:" + file.toUri() + "!/WEB-INF/classes/").toURL();
    return new URLClassLoader(new URL[] {classes}, ClassLoader.getPlatformClassLoader());
  }
}
