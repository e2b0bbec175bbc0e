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
 * @param file an existing file
 */
record War(Path file) {
  /** The table of all settings, which is inside, where the launcher's own class loader is blind. */
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
      // As for any other place that is not a file.
    }
    throw new LaunchException("not started from a WAR; run java -jar entrepot.war");
  }

  /** The version in the manifest. */
  static String version() {
    String version = War.class.getPackage().getImplementationVersion();
    return version == null ? "(development)" : version;
  }

  /** What all settings are, for a terminal. */
  String settingsHelp() {
    try (URLClassLoader inside = classes()) {
      return (String) inside.loadClass(TABLE).getMethod("help").invoke(null);
    } catch (IOException | ReflectiveOperationException e) {
      throw new IllegalStateException("no table of settings in " + file, e);
    }
  }

  private URLClassLoader classes() throws IOException {
    URL classes = URI.create("jar:" + file.toUri() + "!/WEB-INF/classes/").toURL();
    return new URLClassLoader(new URL[] {classes}, ClassLoader.getPlatformClassLoader());
  }
}
