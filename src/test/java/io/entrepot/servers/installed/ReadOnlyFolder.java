package io.entrepot.servers.installed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;

/**
 * A folder in which nobody may write. Root may all the same, so it also tells whether somebody has.
 *
 * @param before what was in it
 */
record ReadOnlyFolder(Path folder, Map<Path, String> before) implements AutoCloseable {

  /** Takes the right to write away from a folder and all in it. */
  static ReadOnlyFolder of(Path folder) throws IOException {
    setPermissions(folder, "r--r--r--", "r-xr-xr-x");
    return new ReadOnlyFolder(folder, content(folder));
  }

  /** What is in it now; equal to {@link #before} unless something was written. */
  Map<Path, String> content() {
    return content(folder);
  }

  private static Map<Path, String> content(Path folder) {
    Map<Path, String> content = new TreeMap<>();
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.toList()) {
        String size = Files.isDirectory(each) ? "folder" : Files.size(each) + " bytes";
        content.put(folder.relativize(each), size + " of " + Files.getLastModifiedTime(each));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return content;
  }

  private static void setPermissions(Path folder, String files, String folders) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.toList()) {
        String permissions = Files.isDirectory(each) ? folders : files;
        Files.setPosixFilePermissions(each, PosixFilePermissions.fromString(permissions));
      }
    }
  }

  /** Deletes it. */
  @Override
  public void close() throws IOException {
    setPermissions(folder, "rw-r--r--", "rwxr-xr-x");
    FileUtils.deleteDirectory(folder.toFile());
  }
}
