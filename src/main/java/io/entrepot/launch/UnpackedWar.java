package io.entrepot.launch;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * The application of a WAR, unpacked. Its own classes are in one archive, which can stay open; a
 * folder of classes could not.
 *
 * @param folder has {@code WEB-INF} without the classes
 * @param classes the archive of the classes
 */
record UnpackedWar(Path folder, Path classes) {
  private static final String APPLICATION = "WEB-INF/";
  private static final String CLASSES = "WEB-INF/classes/";

  /**
   * Unpacks {@code WEB-INF} of a WAR. Everything else in it belongs to the launcher.
   *
   * @param folder an empty folder
   */
  static UnpackedWar of(Path war, Path folder) throws IOException {
    Path classes = folder.resolve("classes.jar");
    try (ZipFile zip = new ZipFile(war.toFile());
        ZipOutputStream archive = new ZipOutputStream(Files.newOutputStream(classes))) {
      for (ZipEntry entry : zip.stream().filter(UnpackedWar::isOfApplication).toList()) {
        try (InputStream in = zip.getInputStream(entry)) {
          if (entry.getName().startsWith(CLASSES)) {
            archive.putNextEntry(stored(entry));
            in.transferTo(archive);
          } else {
            Files.copy(in, file(folder, entry, war));
          }
        }
      }
    }
    return new UnpackedWar(folder, classes);
  }

  private static boolean isOfApplication(ZipEntry entry) {
    return entry.getName().startsWith(APPLICATION) && !entry.isDirectory();
  }

  /** The entry of the archive. It is not compressed, which would cost time at each start. */
  private static ZipEntry stored(ZipEntry of) {
    ZipEntry entry = new ZipEntry(of.getName().substring(CLASSES.length()));
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(of.getSize());
    entry.setCrc(of.getCrc());
    return entry;
  }

  private static Path file(Path folder, ZipEntry entry, Path war) throws IOException {
    Path file = folder.resolve(entry.getName()).normalize();
    if (!file.startsWith(folder)) {
      throw new IOException(
          "cannot unpack %s: the entry %s leads out of the folder".formatted(war, entry.getName()));
    }
    Files.createDirectories(file.getParent());
    return file;
  }
}
